"""Coupons from the cart to the order, over HTTP. Two units at 10.00, 4.99 for shipping, 8 percent of tax."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.ops.services import doctor
from app.platform import settings as installed
from app.platform.db import transaction
from app.platform.money import Money
from config import Settings
from tests.buyers import Buyer, make_buyer, make_guest, shelf
from tests.coupons import CODE, counters, make_coupon, use_of
from tests.database import change, count, rows
from tests.factories import MadeProduct, money
from tests.stand_in import StandIn
from tests.work import ALL, drain, tick


def coupon(code: str = CODE, **values: Any) -> None:
    """A committed one."""
    with transaction() as session:
        make_coupon(session, code, **values)


def shopper(client: FlaskClient, product: MadeProduct | None = None) -> Buyer:
    """Somebody with two units in the cart."""
    buyer = make_buyer(client)
    buyer.put(product or shelf())
    return buyer


def put_coupon(buyer: Buyer, code: str = CODE) -> TestResponse:
    return buyer.client.put("/v1/cart/coupon", json={"coupon": code}, headers=buyer.headers)


def healthy() -> list[str]:
    """The ids of the doctor's findings."""
    with doctor.snapshot() as session:
        return [each.invariant.id for each in doctor.broken(doctor.examine(session))]


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


def test_a_coupon_in_the_cart_is_the_orders_until_it_is_paid_and_leaves_the_cart(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(uses_limit=1)
    buyer = shopper(client)

    cart = put_coupon(buyer, "spring-10").get_json()
    placed = buyer.check_out(expected_total=money(2483)).get_json()

    assert cart["coupon"] == {"code": CODE, "discount": money(200), "problem": None}
    assert cart["totals"]["discount"] == money(200)
    # 20.00 - 2.00 + 4.99, and 8 percent of that.
    assert (placed["order"]["totals"]["total"], placed["payment"]["amount"]) == (money(2483), money(2483))
    assert placed["order"]["coupon"] == CODE
    order_id = placed["order"]["id"]
    assert (counters(), use_of(order_id)) == ((1, 0), [("reserved", 200)])
    # The last use is this cart's own.
    assert buyer.get("/v1/cart").get_json()["coupon"] == cart["coupon"]
    assert buyer.check_out().get_json()["order"]["id"] == order_id

    stripe.confirm(placed["payment"]["provider_id"])
    buyer.post(f"/v1/payments/{placed['payment']['id']}/confirm")
    drain()

    assert (counters(), use_of(order_id)) == ((0, 1), [("used", 200)])
    assert rows("SELECT status FROM orders") == [("paid",)]
    assert rows("SELECT coupon_code FROM carts") == [(None,)]
    assert healthy() == []


def test_a_code_in_the_checkout_goes_before_that_in_the_cart(client: FlaskClient, stripe: StandIn) -> None:
    coupon()
    coupon("FREE-WAY", kind="free_shipping")
    buyer = shopper(client)
    put_coupon(buyer)

    order = buyer.check_out(coupon="free-way").get_json()["order"]

    totals = order["totals"]
    assert (totals["discount"], totals["shipping"], totals["total"]) == (money(499), money(499), money(2160))
    assert (counters(), counters(code="FREE-WAY")) == ((0, 0), (1, 0))
    assert rows("SELECT shipping_discount_amount FROM orders") == [(499,)]
    assert code_of(buyer.check_out()) == (409, "checkout-open")


def test_a_coupon_that_does_not_fit_is_refused_by_cart_and_checkout_and_nothing_is_left(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon("LATE", ends_at=_moment("-1 hour"))
    coupon("EARLY", starts_at=_moment("1 hour"))
    coupon("ENDED", active=False)
    coupon("LARGE", minimum=_usd(2001))
    coupon("EURO", currency="EUR")
    coupon("OTHERS", scope="products", scope_ids=[shelf().id])
    buyer = shopper(client)
    coupon("GONE", uses_limit=1)
    assert shopper(client).check_out(coupon="GONE").status_code == 201

    for code, expected in {
        "NO-SUCH": (422, "coupon-unknown"),
        "LATE": (422, "coupon-expired"),
        "EARLY": (422, "coupon-not-started"),
        "ENDED": (422, "coupon-unknown"),
        "LARGE": (422, "coupon-not-met"),
        "EURO": (422, "coupon-not-met"),
        "OTHERS": (422, "coupon-not-met"),
        "GONE": (409, "coupon-used-up"),
    }.items():
        assert (code_of(put_coupon(buyer, code)), code_of(buyer.check_out(coupon=code))) == (
            expected,
            expected,
        )
    assert put_coupon(buyer, "LARGE").get_json()["minimum"] == money(2001)
    assert buyer.get("/v1/cart").get_json()["coupon"] is None
    assert (count("orders"), count("coupon_uses"), counters(code="GONE")) == (1, 1, (1, 0))


def test_a_coupon_that_ends_while_it_is_in_the_cart_says_so_and_takes_nothing_off(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon()
    buyer = shopper(client)
    put_coupon(buyer)
    change("UPDATE coupons SET ends_at = now() - interval '1 second'")

    cart = buyer.get("/v1/cart").get_json()
    refused = buyer.check_out()
    without = buyer.client.delete("/v1/cart/coupon", headers=buyer.headers).get_json()

    assert cart["coupon"]["discount"] == cart["totals"]["discount"] == money(0)
    assert cart["coupon"]["problem"]["type"] == "/problems/coupon-expired"
    assert code_of(refused) == (422, "coupon-expired")
    assert without["coupon"] is None
    assert buyer.check_out().status_code == 201


def test_a_guest_is_one_customer_by_their_address_however_it_is_spelled(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(customer_limit=1)
    guests = [make_guest(client) for _ in range(3)]
    for guest in guests:
        guest.put(shelf())

    first = guests[0].check_out(coupon=CODE)
    again = guests[1].check_out(coupon=CODE, email=" Guest@Example.com ")
    other = guests[2].check_out(coupon=CODE, email="other@example.com")

    assert (first.status_code, other.status_code) == (201, 201)
    assert code_of(again) == (409, "coupon-used-up")
    assert again.get_json()["limit"] == "customer"
    assert (counters(), count("orders")) == ((2, 0), 2)


def test_an_order_that_expires_gives_its_coupon_back_and_a_guests_cart_takes_it_to_the_account(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(uses_limit=1, customer_limit=1)
    buyer, guest = shopper(client), make_guest(client)
    guest.put(shelf())
    placed = buyer.check_out(coupon=CODE).get_json()
    assert code_of(put_coupon(guest)) == (409, "coupon-used-up")
    change("UPDATE orders SET hold_until = now() - interval '1 second'")

    tick("settlement.expire_due")
    drain()
    taken = put_coupon(guest).get_json()
    both = {**buyer.headers, **guest.headers}
    merged = client.get("/v1/cart", headers=both).get_json()

    assert use_of(placed["order"]["id"]) == [("released", 200)]
    assert (counters(), rows("SELECT reserved, used FROM coupon_customers")) == ((0, 0), [(0, 0)])
    assert taken["coupon"]["discount"] == money(200)
    assert merged["coupon"] == {"code": CODE, "discount": money(400), "problem": None}
    assert healthy() == []


def test_what_a_guests_order_holds_is_still_its_carts_own_when_the_guest_logs_in(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(uses_limit=1)
    buyer, guest = make_buyer(client), make_guest(client)
    guest.put(shelf())
    put_coupon(guest)
    placed = guest.check_out().get_json()
    both = {**buyer.headers, **guest.headers}

    merged = client.get("/v1/cart", headers=both).get_json()
    again = put_coupon(buyer)

    assert merged["coupon"] == {"code": CODE, "discount": money(200), "problem": None}
    assert again.status_code == 200
    assert buyer.check_out().get_json()["order"]["id"] == placed["order"]["id"]
    assert (counters(), use_of(placed["order"]["id"])) == ((1, 0), [("reserved", 200)])


def test_what_an_order_holds_that_waits_for_a_transfer_is_no_carts_own_once_its_goods_have_left_it(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(customer_limit=1)
    lamp = shelf()
    buyer = shopper(client, lamp)
    order_id = buyer.check_out(coupon=CODE, payment_flow="manual").get_json()["order"]["id"]
    drain()

    buyer.put(lamp)
    refused = put_coupon(buyer)

    assert (code_of(refused), refused.get_json()["limit"]) == ((409, "coupon-used-up"), "customer")
    assert code_of(buyer.check_out(coupon=CODE)) == (409, "coupon-used-up")
    assert (counters(), use_of(order_id), count("orders")) == ((1, 0), [("reserved", 200)], 1)
    assert healthy() == []


def test_what_a_guests_order_holds_that_waits_for_a_transfer_is_not_the_users_carts_own_either(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon(uses_limit=1)
    buyer, guest, lamp = make_buyer(client), make_guest(client), shelf()
    guest.put(lamp)
    placed = guest.check_out(coupon=CODE, payment_flow="manual").get_json()
    drain()

    guest.put(lamp)
    assert client.get("/v1/cart", headers={**buyer.headers, **guest.headers}).status_code == 200

    assert code_of(put_coupon(buyer)) == (409, "coupon-used-up")
    assert (counters(), use_of(placed["order"]["id"])) == ((1, 0), [("reserved", 200)])


@pytest.fixture
def nothing_for_shipping(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_installed", [replace(settings, shipping_flat_amount=0)])


@pytest.mark.usefixtures("nothing_for_shipping")
def test_an_order_that_costs_nothing_is_paid_at_once_finalized_and_cancelled_without_a_refund(
    client: FlaskClient, stripe: StandIn
) -> None:
    coupon("ALL-OF-IT", basis_points=10_000)
    buyer = shopper(client)

    answer = buyer.check_out("key-1", coupon="ALL-OF-IT")
    again = buyer.check_out("key-1", coupon="ALL-OF-IT")
    once_more = buyer.check_out(coupon="ALL-OF-IT")
    ran = drain(queues=ALL)

    body = answer.get_json()
    order_id = body["order"]["id"]
    assert (answer.status_code, body["payment"], body["order"]["totals"]["total"]) == (201, None, money(0))
    assert (body["order"]["status"], body["order"]["payment_status"]) == ("paid", "paid")
    assert [each.get_json()["order"]["id"] for each in (again, once_more)] == [order_id] * 2
    assert (count("orders"), count("payments"), stripe.books()["payment_intents"]) == (1, 0, [])
    assert {"orders.finalize", "carts.remove_ordered", "notifications.order_paid"} <= set(ran)
    assert "payments.open" not in ran
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(3, 0)]
    assert (counters(code="ALL-OF-IT"), use_of(order_id)) == ((0, 1), [("used", 2000)])
    assert (count("fulfillments"), rows("SELECT kind FROM messages")) == (1, [("order_paid",)])
    assert healthy() == []

    cancelled = buyer.post(f"/v1/orders/{order_id}/cancel").get_json()
    drain()

    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "paid")
    assert count("refunds") == 0
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 0)]
    assert (counters(code="ALL-OF-IT"), use_of(order_id)) == ((0, 0), [("released", 2000)])
    assert healthy() == []


def test_a_total_below_what_the_provider_takes_is_refused_and_the_coupon_stays_free(
    client: FlaskClient, stripe: StandIn, nothing_for_shipping: None
) -> None:
    coupon("NEARLY", kind="amount", amount=_usd(1999))

    answer = shopper(client).check_out(coupon="NEARLY")

    assert code_of(answer) == (422, "amount-too-small")
    assert "at least 0.50 USD" in answer.get_json()["detail"]
    assert (count("orders"), counters(code="NEARLY")) == (0, (0, 0))


def _moment(away: str) -> Any:
    ((moment,),) = rows(f"SELECT now() + interval '{away}'")
    return moment


def _usd(amount: int) -> Money:
    return Money(amount, "USD")
