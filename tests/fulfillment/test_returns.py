"""Returns, as buyers and sellers ask for and decide about them, over HTTP."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from app.fulfillment import services as fulfillment
from app.fulfillment.services.returnable import MOST_RETURNS
from app.orders import queries as orders
from app.platform.db import transaction
from app.platform.settings import settings
from tests.buyers import make_buyer
from tests.database import change, count, rows
from tests.fulfillment.sending import Handed, act, do, handed, healthy, parcels, units
from tests.fulfillment.sending_back import ask, asked, decide, delivered, possible, take_in, wanted
from tests.stand_in import StandIn
from tests.threads import AT_ONCE, together


@pytest.fixture
def sent(client: FlaskClient, stripe: StandIn) -> Handed:
    """An order of two units, delivered."""
    order = handed(client)
    delivered(order)
    return order


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and type of a refusal."""
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


def test_a_return_says_what_is_to_come_back_and_why(sent: Handed) -> None:
    back = asked(sent, _0=1)

    (line,) = sent.order()["lines"]
    named = {"line_id": line["id"], "sku": line["sku"], "name": line["name"]}
    assert back == {
        "id": back["id"],
        "order_id": str(sent.order_id),
        "order_number": sent.order()["number"],
        "seller_id": str(sent.things[0].seller_id),
        "status": "requested",
        "lines": [named | {"quantity": 1, "reason": "damaged", "received": 0, "restock": False}],
        "comment": "A leg is loose.",
        "note": None,
        "refunded": None,
        "requested_at": back["requested_at"],
        "approved_at": None,
        "rejected_at": None,
        "received_at": None,
        "withdrawn_at": None,
    }
    assert possible(sent) == {sent.line(): 1}
    assert healthy()


def test_a_return_goes_from_the_wish_to_the_shelf(sent: Handed) -> None:
    (seller,) = sent.sellers
    back = asked(sent, _0=1)

    assert take_in(seller, sent, back).get_json()["return_status"] == "requested"
    approved = decide(seller, back, "approve", {"note": "By post."}).get_json()
    again = decide(seller, back, "approve", {"note": "By ship."}).get_json()
    assert (approved["status"], approved["note"], again) == ("approved", "By post.", approved)
    received = take_in(seller, sent, back).get_json()
    # 10.00 and its share of the tax.
    assert (received["status"], received["refunded"]["amount"]) == ("received", 1080)
    assert received["lines"][0] | {"received": 1, "restock": True} == received["lines"][0]
    assert take_in(seller, sent, back, 2).get_json() == received
    owed = rows("SELECT amount, shipping_amount, reason, status FROM refunds")
    assert owed == [(1080, 0, "returned", "owed")]
    assert rows("SELECT quantity, restock, came_back FROM refund_lines") == [(1, True, True)]
    assert count("stock_movements WHERE reason = 'returned'") == 1
    told = [each["title"] for each in sent.buyer.get(f"{sent.path}/timeline").get_json()["items"]]
    assert told[-4:] == ["Return requested", "Return approved", "Return received", "Refund started"]
    assert healthy()


def test_nobody_decides_about_what_others_sell(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client, sellers=2)
    for position in (0, 1):
        delivered(sent, position)
    made = ask(sent, _0=1, _1=2).get_json()["items"]
    mine, theirs = (
        next(each for each in made if each["seller_id"] == str(thing.seller_id)) for thing in sent.things
    )

    seller, stranger = sent.sellers
    for what, body in (("approve", {}), ("reject", {"note": "No."})):
        assert decide(seller, theirs, what, body).status_code == 404
    assert take_in(seller, sent, theirs).status_code == 404
    assert seller.get(f"/v1/returns/{theirs['id']}").status_code == 404
    assert [each["id"] for each in seller.get("/v1/returns").get_json()["items"]] == [mine["id"]]
    assert decide(stranger, theirs, "reject", {"note": "No."}).status_code == 200
    assert [each["status"] for each in made] == ["requested", "requested"]
    left = seller.get("/v1/returns?status=requested&limit=1").get_json()
    assert ([each["id"] for each in left["items"]], left["next_cursor"]) == ([mine["id"]], None)


def test_only_what_has_come_and_is_in_no_return_can_be_sent_back(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent = handed(client)
    (seller,) = sent.sellers
    assert (possible(sent), problem(ask(sent, _0=1))) == ({sent.line(): 0}, (409, "units-not-returnable"))
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    parcel = parcels(seller)[1]
    act(seller, parcel, "ship")
    assert possible(sent) == {sent.line(): 0}
    act(seller, parcel, "deliver")

    refused = ask(sent, _0=2)

    assert refused.get_json()["lines"] == [{"line_id": sent.line(), "returnable": 1}]
    twice = wanted(sent, _0=1)["lines"] * 2
    assert sent.buyer.post(f"{sent.path}/returns", {"lines": twice}).status_code == 422
    assert make_buyer(client).post(f"{sent.path}/returns", wanted(sent, _0=1)).status_code == 404
    assert count("returns") == 0
    assert ask(sent, _0=1).status_code == 201
    assert possible(sent) == {sent.line(): 0}


def test_what_is_rejected_or_withdrawn_can_be_asked_for_again(sent: Handed) -> None:
    (seller,) = sent.sellers
    first = asked(sent, _0=2)
    assert decide(seller, first, "reject", {"note": "Worn."}).get_json()["note"] == "Worn."
    second = asked(sent, _0=2)
    decide(seller, second, "approve")

    path = f"{sent.path}/returns/{second['id']}/withdraw"
    kept = [sent.buyer.post(path).get_json()["status"] for _ in range(2)]

    assert (kept, possible(sent)) == (["withdrawn", "withdrawn"], {sent.line(): 2})
    assert take_in(seller, sent, second).get_json()["return_status"] == "withdrawn"
    assert count("refunds") == 0
    assert healthy()


def test_after_the_period_only_the_shop_can_ask(client: FlaskClient, sent: Handed) -> None:
    late = settings().return_period.total_seconds() + 60
    change("UPDATE fulfillments SET delivered_at = now() - make_interval(secs => :late)", late=late)

    assert (possible(sent), problem(ask(sent, _0=1))) == ({sent.line(): 0}, (409, "units-not-returnable"))
    assert ask(sent, make_buyer(client, "admin"), _0=1).status_code == 201


def test_who_asks_and_withdraws_again_and_again_is_sent_to_the_shop(
    client: FlaskClient, sent: Handed
) -> None:
    change(
        "INSERT INTO returns (id, order_id, seller_id, status, withdrawn_at) SELECT gen_random_uuid(),"
        " :order, :seller, 'withdrawn', now() FROM generate_series(1, :many)",
        order=sent.order_id,
        seller=sent.things[0].seller_id,
        many=MOST_RETURNS,
    )

    assert (possible(sent), problem(ask(sent, _0=1))) == ({sent.line(): 0}, (409, "units-not-returnable"))
    assert ask(sent, make_buyer(client, "admin"), _0=1).status_code == 201


def test_a_mail_s_link_opens_the_returns_of_its_order(client: FlaskClient, sent: Handed) -> None:
    with transaction() as session:
        token = orders.link_token(orders.get(session, sent.order_id), secret=settings().jwt_keys[0])
    path = f"{sent.path}/returns?token={token}"

    assert client.post(path, json=wanted(sent, _0=1)).status_code == 201
    assert len(client.get(path).get_json()["items"]) == 1
    assert client.get(f"{sent.path}/returns?token=x").status_code == 404


def test_a_key_is_the_links_own_so_that_a_wrong_link_is_told_nothing(
    client: FlaskClient, sent: Handed
) -> None:
    with transaction() as session:
        token = orders.link_token(orders.get(session, sent.order_id), secret=settings().jwt_keys[0])

    answers = [
        client.post(
            f"{sent.path}/returns?token={link}", json=wanted(sent, _0=1), headers={"Idempotency-Key": "r1"}
        )
        for link in (token, "x", token)
    ]

    assert [each.status_code for each in answers] == [201, 404, 201]
    assert ["Idempotent-Replayed" in each.headers for each in answers] == [False, False, True]
    assert count("returns") == 1


def test_a_unit_is_returned_once_however_many_ask_and_receive(sent: Handed) -> None:
    (seller,) = sent.sellers
    wants = wanted(sent, _0=2)

    answers = together(*[lambda: sent.buyer.twin().post(f"{sent.path}/returns", wants).status_code] * AT_ONCE)

    assert sorted(answers) == [201] + [409] * (AT_ONCE - 1)
    (back,) = sent.buyer.get(f"{sent.path}/returns").get_json()["items"]
    decide(seller, back, "approve")
    received = together(*[lambda: take_in(seller.twin(), sent, back, 2).status_code] * AT_ONCE)
    assert received == [200] * AT_ONCE
    assert rows("SELECT amount FROM refunds") == [(2160,)]
    assert rows("SELECT on_hand FROM stock_levels") == [(5,)]
    assert healthy()


def test_a_unit_that_was_paid_back_on_its_way_home_takes_no_money_from_one_still_to_be_sent(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent = handed(client)
    (seller,), admin = sent.sellers, make_buyer(client, "admin")
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    do(seller, parcels(seller)[1], "ship", "deliver")
    do(seller, parcels(seller)[0], "pack")
    back = asked(sent, _0=1)
    decide(seller, back, "approve")
    line = {"line_id": sent.line(), "quantity": 1, "restock": False}
    goodwill = {"reason": "requested_by_customer", "lines": [line]}
    assert admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", goodwill, key="a").status_code == 201

    refused = take_in(seller, sent, back)
    taken = take_in(admin, sent, back, refund=False)

    assert problem(refused) == (409, "units-not-sold")
    assert taken.status_code == 200
    assert (count("refunds"), count("stock_movements WHERE reason = 'returned'")) == (1, 1)
    do(seller, parcels(seller)[0], "ship")
    assert healthy()


def test_what_is_on_the_shelf_for_a_refund_that_failed_is_not_taken_in_once_more(
    client: FlaskClient, stripe: StandIn
) -> None:
    sent, admin = handed(client), make_buyer(client, "admin")
    (seller,) = sent.sellers
    act(seller, parcels(seller)[0], "pack", units(sent, _0=1))
    do(seller, parcels(seller)[1], "ship", "deliver")
    do(seller, parcels(seller)[0], "pack")
    line = {"line_id": sent.line(), "quantity": 1, "restock": True}
    admin.post(f"/v1/admin/orders/{sent.order_id}/refunds", {"reason": "other", "lines": [line]}, key="k")
    change("UPDATE refunds SET status = 'failed', failed_at = now(), failure_reason = 'lost'")
    change("UPDATE payments SET refunded_amount = 0")
    back = asked(sent, _0=1)
    decide(admin, back, "approve")

    refused = take_in(admin, sent, back, refund=False)
    taken = take_in(admin, sent, back, refund=False, lines=[line | {"restock": False}])

    assert problem(refused) == (409, "units-not-sold")
    assert refused.get_json()["lines"] == [{"line_id": sent.line(), "refundable": 1, "restockable": 0}]
    assert (taken.status_code, rows("SELECT on_hand FROM stock_levels")) == (200, [(4,)])
    assert healthy()


def test_the_database_itself_refuses_to_take_back_more_than_was_sent(sent: Handed) -> None:
    for returned in (3, -1):
        with pytest.raises(IntegrityError, match="no_more_returned_than_sent"):
            change("UPDATE order_lines SET returned = :returned", returned=returned)


def test_what_was_written_goes_with_its_writer(sent: Handed) -> None:
    decide(sent.sellers[0], asked(sent, _0=1), "reject", {"note": "Worn."})

    with transaction() as session:
        fulfillment.forget_comments(session, sent.order_id)

    assert rows("SELECT comment, note FROM returns") == [(None, None)]
