"""Paid by a bank transfer that an operator confirms: the same states and holds as with any provider."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.payments.gateway.manual import ManualGateway
from app.platform.db import transaction
from app.platform.settings import install, settings
from app.pricing.services import zones
from app.settlement import services
from tests.buyers import Buyer, Purchase, lines_of, make_buyer, purchase, shelf
from tests.database import change, rows
from tests.expiry import let_expire, sweep
from tests.pricing.zones import STANDARD, place
from tests.sales import CANCELLED, EXPIRED, HOLDS, PAID, PENDING, TOTAL, state, topics
from tests.settlement.transfers import (
    IN_REVIEW,
    asked_stripe,
    found_by,
    give_back,
    healthy,
    money,
    note,
    number_of,
    pay_out,
    to_pay_out,
)
from tests.stand_in import StandIn
from tests.work import drain, reach


@pytest.fixture
def bought(client: FlaskClient, stripe: StandIn) -> Purchase:
    """An order that waits for a transfer."""
    return purchase(client, payment_flow="manual")


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """Who reads the bank's statement."""
    return make_buyer(client, role="admin")


def test_a_transfer_is_told_confirmed_and_paid_back_without_a_word_to_stripe(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    payment = bought.buyer.get(f"/v1/payments/{bought.payment_id}").get_json()
    ((days,),) = rows("SELECT round(extract(epoch FROM hold_until - placed_at) / 86400) FROM orders")
    number = number_of(bought)
    awaited = found_by(admin, number)
    assert awaited == found_by(admin, f"thanks! {number.lower().replace('-', ' ')}.")
    assert [found_by(admin, words) for words in ("nobody's", "%")] == [[], []]
    ran = drain()
    change("UPDATE payments SET created_at = now() - interval '1 day'")
    reach("settlement.reconcile_open")
    drain()

    assert (payment["provider"], payment["flow"], payment["status"]) == ("manual", "manual", "open")
    assert payment["method"] == {"kind": "bank_transfer", "brand": None, "last4": None}
    assert payment["instructions"]["reference"] == number
    assert payment["instructions"]["account"] == settings().bank_account
    assert (days, payment["client_secret"], payment["redirect_url"]) == (7, None, None)
    assert ("carts.remove_ordered" in ran, lines_of(bought.buyer)) == (True, {})
    assert [each["id"] for each in awaited] == [str(bought.payment_id)]

    first, again = note(admin, bought), note(admin, bought)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.get_json()["status"], first.get_json()["instructions"]) == ("succeeded", None)
    assert state(bought) == PAID
    assert topics(bought).count("payments.transfer_noted") == 1
    assert asked_stripe(stripe) == 0
    assert admin.get("/v1/admin/payments/awaited").get_json()["items"] == []


def test_a_refund_of_a_transfer_is_owed_until_somebody_has_paid_it_out(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    ((yesterday,),) = rows("SELECT current_date - 1")
    assert note(admin, bought, booked_on=yesterday.isoformat()).status_code == 200
    assert rows("SELECT booked_on FROM bank_transfers") == [(yesterday,)]
    refund = {"reason": "requested_by_customer", "amount": money(700)}
    admin.post(f"/v1/admin/orders/{bought.order_id}/refunds", refund, key="one")
    assert to_pay_out(admin) == []
    drain()
    (owed,) = to_pay_out(admin)
    change("UPDATE refunds SET created_at = now() - interval '1 day'")
    reach("settlement.reconcile_open")
    drain()

    out, same = pay_out(admin, owed["id"], "line 2"), pay_out(admin, owed["id"], "line 2")

    assert (out.status_code, same.get_json()) == (200, out.get_json())
    assert state(bought) == replace(
        PAID,
        order=("paid", "partially_refunded", None),
        refunds=[("succeeded", 700, "USD", "requested_by_customer")],
    )
    assert (to_pay_out(admin), asked_stripe(stripe), healthy()) == ([], 0, True)
    assert rows("SELECT count(*) FROM audit_log WHERE thing = 'bank_transfers'") == [(2,)]


def test_a_refund_that_has_failed_is_retried_before_it_is_paid_out(bought: Purchase, admin: Buyer) -> None:
    note(admin, bought)
    refund = {"reason": "requested_by_customer", "amount": money(700)}
    made = admin.post(f"/v1/admin/orders/{bought.order_id}/refunds", refund, key="one").get_json()
    change("UPDATE refunds SET status = 'failed', failed_at = now()")

    refused = pay_out(admin, made["id"], "line 2")

    assert (refused.status_code, refused.get_json()["refund_status"]) == (409, "failed")
    assert rows("SELECT reference FROM bank_transfers") == [("line 1",)]


def test_an_order_nobody_pays_expires_and_late_money_has_its_stock_once_more(
    bought: Purchase, admin: Buyer, stripe: StandIn
) -> None:
    let_expire()
    sweep()

    assert state(bought) == EXPIRED
    assert admin.get("/v1/admin/payments/awaited").get_json()["items"] == []
    assert [each["id"] for each in found_by(admin, number_of(bought))] == [str(bought.payment_id)]
    assert note(admin, bought).status_code == 200
    assert state(bought) == replace(PAID, reservations=["released", "committed"])
    assert (healthy(), asked_stripe(stripe)) == (True, 0)


def test_money_for_a_cancelled_order_is_owed_and_paid_out(bought: Purchase, admin: Buyer) -> None:
    assert bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 202
    drain()
    assert state(bought) == CANCELLED

    note(admin, bought)
    drain()

    (owed,) = to_pay_out(admin)
    assert (owed["amount"], owed["reason"]) == (money(), "cancelled")
    assert pay_out(admin, owed["id"], "line 1").get_json()["type"].endswith("/transfer-known")
    assert pay_out(admin, owed["id"], "line 2").get_json()["status"] == "succeeded"
    assert state(bought).order == ("cancelled", "refunded", "buyer")
    assert healthy()


@pytest.mark.parametrize("amount", [money(TOTAL - 1), money(TOTAL, "EUR"), money(1005, "KWD")])
def test_wrong_money_is_put_into_review_and_goes_back(
    bought: Purchase, admin: Buyer, amount: dict[str, Any]
) -> None:
    answer = note(admin, bought, amount=amount)

    assert (answer.status_code, answer.get_json()["status"]) == (200, "review")
    assert (state(bought), healthy()) == (IN_REVIEW, True)
    decided = give_back(admin, bought)
    drain()
    (owed,) = to_pay_out(admin)
    assert (decided.status_code, owed["amount"]) == (200, amount)
    assert pay_out(admin, owed["id"], "line 2").status_code == 200
    assert (state(bought).order[:2], healthy()) == (("cancelled", "refunded"), True)


def test_a_transfer_that_no_card_could_have_made_goes_back_as_it_came(
    client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    """Dinars are charged in steps of ten; whoever transfers money knows of none."""
    lamp, buyer = shelf(), make_buyer(client)
    prices = [{"price": money(5120, "KWD")}]
    path = f"/v1/admin/products/{lamp.id}/variants/{lamp.variant_id}"
    client.patch(path, json={"prices": prices}, headers=admin.headers)
    with transaction() as session:
        zone = zones.add_zone(session, {"name": "All", "is_default": True, "places": [place(None)]})
        zones.add_rate(session, zone.id, STANDARD | {"currency": "KWD", "amount": 490})
    line = {"variant_id": str(lamp.variant_id), "quantity": 1, "currency": "KWD"}
    buyer.post("/v1/cart/items", line)
    body = buyer.check_out(payment_flow="manual").get_json()
    ids = UUID(body["order"]["id"]), UUID(body["payment"]["id"])
    bought = Purchase(buyer, lamp, *ids, body["payment"]["provider_id"])
    note(admin, bought, amount=money(1005, "KWD"))
    accepted = admin.post(f"/v1/admin/payments/{bought.payment_id}/resolve", {"decision": "accept"})

    assert buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 200

    assert (accepted.status_code, state(bought).order) == (200, ("cancelled", "paid", "buyer"))
    assert state(bought).refunds == [("owed", 1005, "KWD", "cancelled")]
    assert healthy()


def test_a_second_transfer_is_other_money_that_somebody_decides_about(bought: Purchase, admin: Buyer) -> None:
    note(admin, bought)
    second = note(admin, bought, "line 2")

    assert second.status_code == 200
    assert state(bought) == replace(PAID, order=("paid", "review", None))
    assert give_back(admin, bought).status_code == 200
    drain()
    (owed,) = to_pay_out(admin)
    assert owed["amount"] == money()
    pay_out(admin, owed["id"], "line 3")
    assert (state(bought).order, healthy()) == (("paid", "paid", None), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"booked_on": "2999-01-01"},
        {"booked_on": "0001-01-01"},
        {"amount": money(0)},
        {"amount": money(TOTAL) | {"currency": "usd"}},
    ],
)
def test_what_no_statement_says_is_refused(bought: Purchase, admin: Buyer, wrong: dict[str, Any]) -> None:
    assert note(admin, bought, **wrong).status_code == 422
    assert admin.get("/v1/admin/payments/awaited?reference=%00").status_code == 422
    assert state(bought) == PENDING


def test_a_line_of_the_statement_counts_once(client: FlaskClient, bought: Purchase, admin: Buyer) -> None:
    other = purchase(client, payment_flow="manual")
    card = purchase(client)
    note(admin, bought)

    refused = [note(admin, other), note(admin, bought, amount=money(1)), note(admin, card, "line 2")]

    assert [each.status_code for each in refused] == [409, 409, 409]
    assert [each.get_json()["type"].rpartition("/")[2] for each in refused] == [
        "transfer-known",
        "transfer-known",
        "not-by-transfer",
    ]
    assert [state(each) for each in (bought, other, card)] == [PAID, PENDING, PENDING]


def test_buyers_can_change_between_card_and_transfer(bought: Purchase, admin: Buyer, stripe: StandIn) -> None:
    path = f"/v1/orders/{bought.order_id}/payments"
    card = bought.buyer.post(path, {"payment_flow": "payment_intent"}, key="one")
    transfer = bought.buyer.post(path, {"payment_flow": "manual"}, key="two")

    assert (card.status_code, transfer.status_code) == (201, 201)
    assert state(bought).payments == ["cancelled", "cancelled", "open"]
    assert [intent["status"] for intent in stripe.books()["payment_intents"]] == ["canceled"]
    now = replace(bought, payment_id=UUID(transfer.get_json()["id"]))
    assert found_by(admin, number_of(bought)) == [transfer.get_json()]
    assert note(admin, now).get_json()["status"] == "succeeded"
    note(admin, bought, "line 2")
    drain()
    assert [each["reason"] for each in to_pay_out(admin)] == ["surplus"]
    assert healthy()


def test_a_shop_without_an_account_takes_no_transfers(
    client: FlaskClient, request: pytest.FixtureRequest
) -> None:
    known = settings()
    install(replace(known, bank_account=None))
    request.addfinalizer(lambda: install(known))
    buyer = make_buyer(client)
    buyer.put(shelf())

    answer = buyer.check_out(payment_flow="manual")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["payment_flow"])
    assert rows("SELECT id FROM orders") == []


def test_a_transfer_noted_while_the_order_expires_is_not_lost(bought: Purchase, admin: Buyer) -> None:
    """The work that closes the payment has looked, and settles what it saw after the money was noted."""
    seen = ManualGateway().close(bought.provider_id)
    note(admin, bought, amount=money(1))

    with transaction() as session:
        services.settle(session, seen, holds=HOLDS)

    assert (seen.status, state(bought)) == ("canceled", IN_REVIEW)
