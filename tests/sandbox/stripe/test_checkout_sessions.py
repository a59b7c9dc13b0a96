import time
from typing import Any

import pytest
import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


def test_a_new_session_is_open_unpaid_and_without_an_intent(stand_in: StandIn) -> None:
    session = stand_in.new_session(client_reference_id="order-1", metadata={"order": "1"})

    assert session.id.startswith("cs_test_")
    assert session.url == f"{stand_in.url}/c/pay/{session.id}"
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (3998, 3998, "usd")
    assert session.client_reference_id == "order-1"
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"order": "1"}
    assert session.expires_at - session.created == 24 * 3600
    assert stand_in.books()["payment_intents"] == []


def test_the_line_items_are_told_in_order_on_request(stand_in: StandIn) -> None:
    names = ["first", "second", "third"]
    items = [line(name, unit_amount=100 * number) for number, name in enumerate(names, start=1)]
    session = stand_in.new_session(line_items=items)
    sessions = stand_in.client.v1.checkout.sessions

    listed = sessions.line_items.list(session.id, {"limit": 2})
    expanded = sessions.retrieve(session.id, {"expand": ["line_items"]})

    assert ([item.description for item in listed.data], listed.has_more) == (names[:2], True)
    assert listed.data[1].price is not None
    assert listed.data[1].price.unit_amount == 200
    assert expanded.line_items is not None
    assert [item.amount_total for item in expanded.line_items.data] == [100, 200, 300]
    assert "line_items" not in sessions.retrieve(session.id).to_dict()


@pytest.mark.parametrize(("seconds", "says"), [(1790, "at least 30 minutes"), (86460, "less than 24 hours")])
def test_a_session_lasts_half_an_hour_to_a_day(stand_in: StandIn, seconds: int, says: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=says) as refused:
        stand_in.new_session(expires_at=int(time.time()) + seconds)

    assert refused.value.param == "expires_at"
    assert stand_in.new_session(expires_at=int(time.time()) + 1860).status == "open"
    assert len(stand_in.books()["checkout_sessions"]) == 1


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data][currency]"),
        ({"line_items": [{"price": "price_1", "quantity": 1}]}, "line_items[0][price]"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"payment_intent_data": {"capture_method": "manual"}}, "payment_intent_data[capture_method]"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"locale": "fr"}, "locale"),
    ],
)
def test_wrong_parameters_are_refused_by_name(stand_in: StandIn, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.new_session(**wrong)

    assert refused.value.param == param
    assert stand_in.books()["checkout_sessions"] == []


def test_a_total_below_the_smallest_charge_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.new_session(24)

    assert refused.value.code == "amount_too_small"


def test_expiring_ends_an_open_session_once(stand_in: StandIn, shop: Shop) -> None:
    sessions = stand_in.client.v1.checkout.sessions
    session = stand_in.new_session()

    expired = sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        sessions.expire(session.id)

    assert (expired.status, expired.payment_status, expired.url) == ("expired", "unpaid", None)
    wait_until(lambda: len(shop.events) == 1, within=5, failure="No webhook came")
    assert shop.types() == {"checkout.session.expired": 1}


def test_a_session_expires_by_itself(stand_in: StandIn, shop: Shop) -> None:
    session = stand_in.new_session()
    stand_in.in_books(
        "UPDATE objects SET body = json_set(body, '$.expires_at', 0) WHERE kind = 'checkout.session'"
    )
    stand_in.in_books("UPDATE appointments SET at = 0")

    wait_until(lambda: len(shop.events) == 1, within=5, failure="The session did not expire")

    assert (shop.events[0].type, shop.events[0].data.object["id"]) == ("checkout.session.expired", session.id)
    assert stand_in.client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_sessions_are_listed_by_status(stand_in: StandIn) -> None:
    sessions = stand_in.client.v1.checkout.sessions
    first, second = stand_in.new_session(), stand_in.new_session()
    sessions.expire(first.id)

    assert [session.id for session in sessions.list().data] == [second.id, first.id]
    assert [session.id for session in sessions.list({"status": "open"}).data] == [second.id]
    assert [session.id for session in sessions.list({"starting_after": second.id}).data] == [first.id]
    assert sessions.list({"payment_intent": "pi_none"}).data == []


def line(name: str, *, unit_amount: int) -> dict[str, Any]:
    price = {"currency": "usd", "unit_amount": unit_amount, "product_data": {"name": name}}
    return {"price_data": price, "quantity": 1}
