"""The day that a buyer wishes for, and the gift message: checked, kept, and changed until it is packed."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.platform.working_days import WorkingDays
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change, count, rows
from tests.fulfillment.sending import Handed, do, handed, parcels
from tests.stand_in import StandIn

WEEK = WorkingDays()


def today() -> date:
    """By the database's clock, which decides."""
    ((day,),) = rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    assert isinstance(day, date)
    return day


def in_working_days(count: int) -> str:
    return WEEK.after(today(), count).isoformat()


@pytest.fixture
def buyer(client: FlaskClient, stripe: StandIn) -> Buyer:
    return make_buyer(client)


def wish(sent: Handed, **changes: Any) -> TestResponse:
    """Change the order."""
    return sent.buyer.client.patch(sent.path, headers=sent.buyer.headers, json=changes)


def test_an_order_keeps_the_day_and_the_message_that_it_was_placed_with(buyer: Buyer) -> None:
    buyer.put(shelf(delivery_information={"lead_days": 2, "cutoff": None, "note": None}))

    order = buyer.check_out(delivery_date=in_working_days(5), gift_message="Hello!").get_json()["order"]

    assert (order["delivery_date"], order["gift_message"]) == (in_working_days(5), "Hello!")


@pytest.mark.parametrize(("cutoff", "earliest"), [(None, 5), ("23:59", 5), ("00:00", 6)])
def test_no_day_is_promised_before_the_goods_can_be_there(
    buyer: Buyer, cutoff: str | None, earliest: int
) -> None:
    buyer.put(shelf())
    buyer.put(shelf(delivery_information={"lead_days": 2, "cutoff": cutoff, "note": None}))
    is_weekday = WEEK.includes(today())
    first = in_working_days(earliest if is_weekday else 5)

    refused = buyer.check_out(delivery_date=(date.fromisoformat(first) - timedelta(days=1)).isoformat())

    problem = refused.get_json()
    assert (refused.status_code, problem["type"]) == (422, "/problems/delivery-date-impossible")
    assert (problem["earliest"], list(problem["errors"])) == (first, ["delivery_date"])
    assert (count("orders"), count("reservations")) == (0, 0)
    assert buyer.check_out(delivery_date=first).status_code == 201


def test_nothing_is_delivered_on_a_sunday_or_in_a_year(buyer: Buyer) -> None:
    buyer.put(shelf())
    sunday = today() + timedelta(days=20 - today().weekday())

    for day in (sunday, today() + timedelta(days=91)):
        assert buyer.check_out(delivery_date=day.isoformat()).status_code == 422

    assert count("orders") == 0


def test_another_day_is_another_wish(buyer: Buyer) -> None:
    buyer.put(shelf())
    first = buyer.check_out(delivery_date=in_working_days(5)).get_json()["order"]["id"]

    again = buyer.check_out(delivery_date=in_working_days(5))
    other = buyer.check_out(delivery_date=in_working_days(6))

    assert again.get_json()["order"]["id"] == first
    assert other.get_json()["type"] == "/problems/checkout-open"


def test_it_is_changed_until_the_order_is_packed(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    (parcel,) = parcels(seller)

    changed = wish(sent, delivery_date=in_working_days(7), gift_message="For you").get_json()
    again = wish(sent, gift_message="For you").get_json()
    gone = wish(sent, gift_message=None).get_json()

    assert (changed["delivery_date"], changed["gift_message"]) == (in_working_days(7), "For you")
    assert again == changed
    assert (gone["delivery_date"], gone["gift_message"]) == (in_working_days(7), None)
    assert count("events WHERE topic = 'orders.wish_changed'") == 2
    assert parcels(seller)[0]["delivery_date"] == in_working_days(7)
    do(seller, parcel, "pack")
    late = wish(sent, delivery_date=in_working_days(8))
    assert (late.status_code, late.get_json()["order_status"]) == (409, "packed")
    assert sent.order()["delivery_date"] == in_working_days(7)


def test_a_changed_day_is_checked_as_at_the_checkout(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    lead = """UPDATE products SET delivery_information = '{"lead_days": 10, "cutoff": null, "note": null}'"""
    change(lead)

    refused = wish(sent, delivery_date=in_working_days(12))

    assert (refused.status_code, refused.get_json()["earliest"]) == (422, in_working_days(13))
    assert sent.order()["delivery_date"] is None


def test_what_is_anothers_cannot_be_changed(client: FlaskClient, stripe: StandIn) -> None:
    sent, stranger = handed(client), make_buyer(client)

    answer = client.patch(sent.path, headers=stranger.headers, json={"gift_message": "Boo"})

    assert answer.status_code == 404
    assert sent.order()["gift_message"] is None


def test_neither_the_timeline_nor_the_log_of_acts_tells_the_message(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent, admin = handed(client), make_buyer(client, "admin")

    client.patch(sent.path, headers=admin.headers, json={"gift_message": "A secret"})

    told = rows("SELECT payload::text FROM events UNION ALL SELECT after::text FROM audit_log")
    assert not any("A secret" in (text or "") for (text,) in told)
    assert count("audit_log WHERE thing = 'orders'") == 1
