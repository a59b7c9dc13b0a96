"""Refunds that operators ask for, over HTTP."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.buyers import Buyer, Purchase, make_buyer, shelf
from tests.database import change, count, rows
from tests.fulfillment.sending import paid_for
from tests.refunds import books
from tests.sales import TOTAL, state
from tests.stand_in import StandIn
from tests.threads import together
from tests.webhooks import deliver_all
from tests.work import drain


@pytest.fixture
def paid(client: FlaskClient, stripe: StandIn, bought: Purchase) -> Purchase:
    """An order of 26.99 that was paid at the stand-in."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    return bought


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """An operator."""
    return make_buyer(client, "admin")


def ask(admin: Buyer, paid: Purchase, amount: int | None = None, **more: Any) -> TestResponse:
    """Give back, under a new key."""
    key = more.pop("key", None) or str(uuid4())
    money = {} if amount is None else {"amount": {"amount": amount, "currency": "USD"}}
    body = {"reason": "other"} | money | more
    return admin.post(f"/v1/admin/orders/{paid.order_id}/refunds", body, key=key)


def line_of(paid: Purchase) -> str:
    """The order's one line, of two units."""
    ((line_id,),) = rows("SELECT id::text FROM order_lines WHERE order_id = :id", id=paid.order_id)
    return str(line_id)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and type of a refusal."""
    return answer.status_code, answer.get_json()["type"]


def test_a_refund_is_owed_at_once_and_sent_by_a_worker(admin: Buyer, paid: Purchase) -> None:
    made = ask(admin, paid, 1000, reason="requested_by_customer", note="Scratched.")

    body = made.get_json()
    assert made.status_code == 201
    assert body == {
        "id": body["id"],
        "order_id": str(paid.order_id),
        "payment_id": str(paid.payment_id),
        "status": "owed",
        "amount": {"amount": 1000, "currency": "USD"},
        "shipping": {"amount": 0, "currency": "USD"},
        "reason": "requested_by_customer",
        "note": "Scratched.",
        "source": "shop",
        "provider_id": None,
        "failure_reason": None,
        "retry_of_id": None,
        "lines": [],
        "created_at": body["created_at"],
        "sent_at": None,
        "succeeded_at": None,
        "failed_at": None,
    }
    assert drain() == ["settlement.send_refund", "invoicing.credit"]
    (after,) = admin.get(f"/v1/admin/orders/{paid.order_id}/refunds").get_json()["items"]
    assert (after["status"], after["provider_id"][:3], after["failed_at"]) == ("succeeded", "re_", None)
    assert books(paid)[:2] == ("partially_refunded", 1000)
    assert state(paid).order[0] == "paid"


def test_without_an_amount_all_that_is_left_goes_back(admin: Buyer, paid: Purchase) -> None:
    ask(admin, paid, 1000)

    assert ask(admin, paid).get_json()["amount"] == {"amount": TOTAL - 1000, "currency": "USD"}

    drain()
    assert books(paid)[:2] == ("refunded", TOTAL)
    assert problem(ask(admin, paid)) == (409, "/problems/refund-too-large")


def test_who_chooses_no_units_and_no_amount_gives_nothing_back(admin: Buyer, paid: Purchase) -> None:
    answer = ask(admin, paid, lines=[])

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["lines"])
    assert count("refunds") == 0


def test_the_same_key_is_the_same_refund_and_none_is_refused(admin: Buyer, paid: Purchase) -> None:
    first, again = ask(admin, paid, 1000, key="k"), ask(admin, paid, 1000, key="k")
    without = admin.post(f"/v1/admin/orders/{paid.order_id}/refunds", {"reason": "other"})

    assert (first.get_json(), again.headers["Idempotent-Replayed"]) == (again.get_json(), "true")
    assert problem(without) == (400, "/problems/idempotency-key-missing")
    assert count("refunds") == 1


def test_of_two_at_once_that_are_too_much_together_one_is_made(admin: Buyer, paid: Purchase) -> None:
    answers = together(*(partial(ask, admin.twin(), paid, 2000) for _ in range(2)))

    assert sorted(each.status_code for each in answers) == [201, 409]
    (refused,) = [each.get_json() for each in answers if each.status_code == 409]
    assert (refused["type"], refused["left"]) == (
        "/problems/refund-too-large",
        {"amount": TOTAL - 2000, "currency": "USD"},
    )
    assert books(paid) == ("paid", 2000, [("shop", "owed", 2000)])


def test_units_go_back_to_the_shelf_once_at_what_was_paid_for_them(admin: Buyer, paid: Purchase) -> None:
    line = {"line_id": line_of(paid), "quantity": 1, "restock": True}
    first, second = ask(admin, paid, lines=[line]), ask(admin, paid, lines=[line])
    third = ask(admin, paid, lines=[line])

    # 10.00 each and their share of the tax, of which 1.60 of 2.00 is for both.
    amounts = [each.get_json()["amount"]["amount"] for each in (first, second)]
    assert amounts == [1080, 1080]
    assert first.get_json()["lines"] == [line]
    assert state(paid).stock == (5, 0)
    assert problem(third) == (409, "/problems/units-not-sold")
    possible = {"line_id": line["line_id"], "refundable": 0, "restockable": 0}
    assert third.get_json()["lines"] == [possible]
    moved = "SELECT change, reason, reference FROM stock_movements WHERE reason = 'returned' ORDER BY id"
    assert rows(moved) == [(1, "returned", each.get_json()["id"]) for each in (first, second)]


def test_units_that_are_lost_are_paid_back_and_not_restocked(admin: Buyer, paid: Purchase) -> None:
    line = {"line_id": line_of(paid), "quantity": 2, "restock": False}

    assert ask(admin, paid, 500, lines=[line]).get_json()["amount"]["amount"] == 500

    assert state(paid).stock == (3, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": {"amount": 5, "currency": "EUR"}}, "amount"),
        ({"amount": {"amount": 0, "currency": "USD"}}, "amount"),
        ({"lines": [{"line_id": str(uuid4()), "quantity": 1, "restock": False}]}, "lines"),
        ({"reason": "whim"}, "reason"),
    ],
)
def test_what_makes_no_sense_is_refused(
    admin: Buyer, paid: Purchase, body: dict[str, Any], field: str
) -> None:
    path = f"/v1/admin/orders/{paid.order_id}/refunds"
    refused = admin.post(path, {"reason": "other"} | body, key="k")

    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field])
    assert count("refunds") == 0


def dispute(status: str) -> None:
    """A bank asks for the money back."""
    change(
        "INSERT INTO disputes (id, order_id, payment_id, provider_id, status, reason, amount, currency,"
        " opened_at, closed_at, withdrawn) SELECT gen_random_uuid(), order_id, id, 'dp_1', :status,"
        " 'fraudulent', amount, currency, now(), CASE WHEN :status = 'open' THEN NULL ELSE now() END, true"
        " FROM payments",
        status=status,
    )


@pytest.mark.parametrize("status", ["open", "lost"])
def test_money_that_a_bank_has_taken_back_is_not_given_back_by_us_too(
    admin: Buyer, paid: Purchase, status: str
) -> None:
    dispute(status)
    refused = ask(admin, paid, 5)
    change("UPDATE disputes SET withdrawn = false")

    assert problem(refused) == (409, "/problems/refund-not-possible")
    assert ask(admin, paid, 5).status_code == 201


def test_nothing_goes_back_of_what_was_not_paid_or_is_in_review(admin: Buyer, bought: Purchase) -> None:
    unpaid = ask(admin, bought, 5)
    change("UPDATE payments SET captured_amount = amount")
    change("UPDATE orders SET payment_status = 'review'")

    assert [problem(each) for each in (unpaid, ask(admin, bought, 5))] == [
        (409, "/problems/refund-not-possible")
    ] * 2
    assert count("refunds") == 0


def test_what_has_failed_is_in_the_queue_and_can_be_retried_once(
    admin: Buyer, client: FlaskClient, paid: Purchase, stripe: StandIn
) -> None:
    line = {"line_id": line_of(paid), "quantity": 1, "restock": True}
    made = ask(admin, paid, lines=[line]).get_json()
    drain()
    stripe.order(f"refunds/{stripe.books()['refunds'][0]['id']}", {"status": "failed"})
    change("UPDATE refunds SET status = 'failed', failure_reason = 'x', failed_at = now()")
    change("UPDATE payments SET refunded_amount = 0")

    queue = admin.get("/v1/admin/refunds?status=failed").get_json()["items"]
    first, again = (admin.post(f"/v1/admin/refunds/{made['id']}/retry") for _ in range(2))

    assert [each["id"] for each in queue] == [made["id"]]
    assert (first.status_code, first.get_json()) == (201, again.get_json())
    body = first.get_json()
    assert (body["retry_of_id"], body["status"], body["amount"]) == (made["id"], "owed", made["amount"])
    assert body["lines"] == [line | {"restock": False}]
    drain()
    assert books(paid)[:2] == ("partially_refunded", 1080)
    assert state(paid).stock == (4, 0)


def test_only_a_failed_refund_that_still_fits_is_retried(admin: Buyer, paid: Purchase) -> None:
    made = ask(admin, paid, 2000).get_json()
    early = admin.post(f"/v1/admin/refunds/{made['id']}/retry")
    change("UPDATE refunds SET status = 'failed'")
    change("UPDATE payments SET refunded_amount = 0")
    ask(admin, paid, 1000)

    late = admin.post(f"/v1/admin/refunds/{made['id']}/retry")
    nobody = admin.post(f"/v1/admin/refunds/{UUID(int=1)}/retry")

    assert problem(early) == (409, "/problems/refund-not-possible")
    assert (problem(late), nobody.status_code) == ((409, "/problems/refund-too-large"), 404)
    assert books(paid)[1] == 1000


def test_units_that_another_refund_was_for_meanwhile_are_not_given_back_for_again(
    admin: Buyer, paid: Purchase
) -> None:
    line = {"line_id": line_of(paid), "quantity": 2, "restock": False}
    failed = ask(admin, paid, 100, lines=[line]).get_json()
    change("UPDATE refunds SET status = 'failed'")
    change("UPDATE payments SET refunded_amount = 0")
    ask(admin, paid, 100, lines=[line])

    refused = admin.post(f"/v1/admin/refunds/{failed['id']}/retry")

    assert problem(refused) == (409, "/problems/units-not-sold")
    assert books(paid)[1] == 100


def test_a_retry_is_what_its_units_are_owed_now(client: FlaskClient, stripe: StandIn, admin: Buyer) -> None:
    """A line of two units for 21.77, which go back as 10.89 and 10.88, whichever of them is the first."""
    buyer = make_buyer(client)
    buyer.put(shelf(price=1008))
    body = buyer.check_out().get_json()
    path = f"/v1/admin/orders/{paid_for(body)}/refunds"
    ((line_id,),) = rows("SELECT id::text FROM order_lines")
    wish = {"reason": "other", "lines": [{"line_id": line_id, "quantity": 1, "restock": False}]}
    failed = admin.post(path, wish, key="one").get_json()
    change("UPDATE refunds SET status = 'failed'")
    change("UPDATE payments SET refunded_amount = 0")
    other = admin.post(path, wish, key="two").get_json()

    again = admin.post(f"/v1/admin/refunds/{failed['id']}/retry").get_json()

    assert [each["amount"]["amount"] for each in (failed, other, again)] == [1089, 1089, 1088]
    assert rows("SELECT amount FROM refund_lines WHERE refund_id = :id", id=again["id"]) == [(1088,)]


def test_all_of_it_is_given_back_again_when_that_has_failed(admin: Buyer, paid: Purchase) -> None:
    made = ask(admin, paid).get_json()
    change("UPDATE refunds SET status = 'failed'")
    change("UPDATE payments SET refunded_amount = 0")

    again = admin.post(f"/v1/admin/refunds/{made['id']}/retry")

    assert (again.status_code, again.get_json()["amount"]["amount"]) == (201, TOTAL)


def test_the_list_of_refunds_is_paged_newest_first(admin: Buyer, paid: Purchase) -> None:
    made = [ask(admin, paid, amount).get_json()["id"] for amount in (1, 2)]

    first = admin.get("/v1/admin/refunds?limit=1").get_json()
    second = admin.get(f"/v1/admin/refunds?limit=1&cursor={first['next_cursor']}").get_json()

    assert [each["items"][0]["id"] for each in (first, second)] == made[::-1]
    assert second["next_cursor"] is None
