"""Reviews and who decides them: what came is taken for the order or given back, once, whoever is quicker."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import change, count, rows
from tests.expiry import intents
from tests.sales import PAID, PENDING, TOTAL, state, topics
from tests.settlement.reviews import IN_REVIEW, decide, healthy, other_amount, owed, second_object
from tests.stand_in import StandIn
from tests.threads import together
from tests.webhooks import deliver_all
from tests.work import drain, make_due


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


@pytest.mark.parametrize(("received", "back"), [(TOTAL - 99, []), (TOTAL + 301, [(301, "overpaid", None)])])
def test_accepting_takes_what_came_and_gives_back_what_is_too_much(
    bought: Purchase, admin: Buyer, stripe: StandIn, received: int, back: list[Any]
) -> None:
    other_amount(bought, stripe, received)

    answer = decide(admin, bought.payment_id, "accept", note="agreed by phone")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "succeeded")
    assert replace(state(bought), refunds=[]) == PAID
    assert owed(bought) == back
    assert rows("SELECT captured_amount FROM payments") == [(received,)]
    assert "payments.review_decided" in topics(bought)
    decided = "SELECT decision, note, left(decided_by, 5) FROM payment_reviews"
    assert rows(decided) == [("accept", "agreed by phone", "user:")]
    drain()
    assert state(bought).order == PAID.order
    assert [each[0] for each in state(bought).refunds] == ["succeeded"] * len(back)
    assert healthy()


def test_after_acceptance_what_comes_late_about_the_object_changes_nothing(
    bought: Purchase, admin: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    other_amount(bought, stripe, TOTAL - 1)
    decide(admin, bought.payment_id, "accept")

    deliver_all(client, stripe)
    drain()

    assert state(bought) == PAID


def test_refunding_gives_back_what_came_and_cancels_the_order(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)

    answer = decide(admin, bought.payment_id, "refund")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    after = state(bought)
    assert (after.order[0], after.order[2], after.stock) == ("cancelled", "admin", (5, 0))
    assert owed(bought) == [(5000, "review", None)]
    assert healthy()


def test_refunding_what_took_no_money_closes_it_and_leaves_the_order_payable(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000, pay=False)

    assert decide(admin, bought.payment_id, "refund").status_code == 200

    assert (state(bought), intents(stripe)) == (replace(PENDING, payments=["cancelled"]), ["canceled"])
    assert count("refunds") == 0


def test_a_second_object_with_money_is_given_back_by_its_own_name(
    bought: Purchase, admin: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    second = second_object(bought, client, stripe)

    assert decide(admin, bought.payment_id, "accept").status_code == 409
    assert decide(admin, bought.payment_id, "refund").status_code == 200

    assert owed(bought) == [(TOTAL, "review", second)]
    assert state(bought).order == ("paid", "paid", None)
    assert rows("SELECT captured_amount FROM payments") == [(2 * TOTAL,)]
    assert healthy()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("UPDATE orders SET status = 'pending'", "Nothing was received"),
        ("UPDATE orders SET currency = 'EUR'", "another currency"),
        ("UPDATE payments SET provider_id = 'pi_other'", "another object"),
        ("UPDATE orders SET cancel_requested_at = now()", "wants the order cancelled"),
        ("UPDATE orders SET status = 'cancelled', cancel_reason = 'buyer'", "The order is over."),
    ],
)
def test_accepting_what_makes_no_sense_is_refused_and_changes_nothing(
    bought: Purchase, admin: Buyer, stripe: StandIn, prepare: str, words: str
) -> None:
    other_amount(bought, stripe, 5000, pay=words != "Nothing was received")
    change(prepare)
    before = state(bought), count("events")

    answer = decide(admin, bought.payment_id, "accept")

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/not-resolvable")
    assert words in answer.get_json()["detail"]
    assert (state(bought), count("events")) == before


def test_the_same_decision_again_answers_the_same_and_another_is_refused(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)
    first = decide(admin, bought.payment_id, "refund")
    before = owed(bought), count("events")

    again, other = (decide(admin, bought.payment_id, what) for what in ("refund", "accept"))

    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert (other.status_code, other.get_json()["decision"]) == (409, "refund")
    assert (owed(bought), count("events")) == before


def test_a_key_repeats_its_answer(bought: Purchase, admin: Buyer, stripe: StandIn) -> None:
    other_amount(bought, stripe, 5000)
    path, body = f"/v1/admin/payments/{bought.payment_id}/resolve", {"decision": "refund"}

    first, again = (admin.post(path, body, key="once") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json()


def test_while_the_provider_is_silent_nothing_is_decided(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)
    stripe.order("faults", {"path": "/v1/payment_intents", "outcome": 500, "calls": None})

    answer = decide(admin, bought.payment_id, "accept")

    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert state(bought) == IN_REVIEW


def test_two_admins_at_once_make_one_decision(
    bought: Purchase, admin: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)
    other = make_buyer(client, role="admin")

    answers = together(
        lambda: decide(admin, bought.payment_id, "accept").status_code,
        lambda: decide(other, bought.payment_id, "refund").status_code,
        lambda: decide(admin.twin(), bought.payment_id, "accept").status_code,
    )

    ((decision,),) = rows("SELECT decision FROM payment_reviews")
    assert answers == ([200, 409, 200] if decision == "accept" else [409, 200, 409])
    assert topics(bought).count("payments.review_decided") == 1
    assert len(owed(bought)) == 1
    assert healthy()


def test_deciding_while_an_event_arrives_settles_the_money_once(
    bought: Purchase, admin: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)
    deliver_all(client, stripe)

    together(lambda: decide(admin, bought.payment_id, "refund"), drain)
    make_due()
    drain()

    assert owed(bought) == [(5000, "review", None)]
    assert healthy()


def test_operators_see_what_waits_and_what_was_decided(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    other_amount(bought, stripe, 5000)

    (item,) = admin.get("/v1/admin/payment-reviews").get_json()["items"]

    assert (item["payment_id"], item["object_id"]) == (str(bought.payment_id), bought.provider_id)
    assert (item["reason"], item["amount"], item["decision"]) == (
        "amount",
        {"amount": 5000, "currency": "USD"},
        None,
    )
    decide(admin, bought.payment_id, "refund")
    assert admin.get("/v1/admin/payment-reviews").get_json()["items"] == []
    (item,) = admin.get("/v1/admin/payment-reviews?status=decided").get_json()["items"]
    assert item["decision"] == "refund"


def test_a_payment_without_a_review_has_nothing_to_decide(bought: Purchase, admin: Buyer) -> None:
    assert decide(admin, bought.payment_id, "refund").status_code == 404
    assert decide(bought.buyer, bought.payment_id, "refund").status_code == 403


def test_several_objects_in_review_are_decided_by_name(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    bought = purchase(client)
    second_object(bought, client, stripe)
    stripe.pay_for({"payment_id": str(bought.payment_id)}, 700)
    deliver_all(client, stripe)
    drain()

    unnamed = decide(admin, bought.payment_id, "refund")
    assert (unnamed.status_code, len(unnamed.get_json()["reviews"])) == (409, 2)
    for review_id in unnamed.get_json()["reviews"]:
        assert decide(admin, bought.payment_id, "refund", review_id=review_id).status_code == 200

    assert sorted(amount for amount, _, _ in owed(bought)) == [700, TOTAL]
    assert state(bought).order == ("paid", "paid", None)
