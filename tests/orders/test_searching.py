"""Orders are found by what is known of them, by those who may see them."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.orders import queries
from app.orders.queries import OrderSearch, searching
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import change, rows
from tests.sales import ADDRESS
from tests.stand_in import StandIn

OTHERS = {"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "status": "pending"}


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


@pytest.fixture
def three(client: FlaskClient, stripe: StandIn) -> list[Purchase]:
    """Three orders of three buyers, the last of them Grace Hopper's, who pays for herself."""
    made = [purchase(client) for _ in range(2)]
    grace = ADDRESS | {"name": "Grace Brewster Hopper"}
    return [*made, purchase(client, shipping_address=ADDRESS | {"name": "Murray"}, billing_address=grace)]


def found(by: Buyer, path: str = "/v1/admin/orders", **query: str) -> list[str]:
    """The ids of what is found, newest first."""
    words = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in query.items())
    answer = by.get(f"{path}?{words}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.get_json()["items"]]


def ids(*purchases: Purchase) -> list[str]:
    """Theirs, newest first."""
    return [str(each.order_id) for each in purchases[::-1]]


def test_each_thing_that_is_known_of_an_order_finds_it(admin: Buyer, three: list[Purchase]) -> None:
    first, _, last = three
    ((number, email),) = rows("SELECT number, email FROM orders WHERE id = :id", id=first.order_id)

    assert found(admin, number=number.lower()) == ids(first)
    assert found(admin, email=email.upper(), **OTHERS) == ids(first)
    assert found(admin, name="hopper Grace") == ids(last)
    assert (found(admin, name="hop"), found(admin, name="hopper", email=email)) == ([], [])
    assert found(admin, sku=last.product.sku, **OTHERS) == ids(last)
    assert found(admin, status="pending") == ids(*three)
    assert (found(admin, status="paid"), found(admin, payment_status="unpaid")) == ([], ids(*three))
    answer = admin.get(f"/v1/admin/orders?number={number}").get_json()["items"][0]
    assert (answer["email"], answer["number"]) == (email, number)


def test_a_day_is_found_by_the_time_in_the_ids(admin: Buyer, three: list[Purchase]) -> None:
    ((moment,),) = rows("SELECT placed_at FROM orders WHERE id = :id", id=three[1].order_id)

    assert found(admin, since=moment.isoformat()) == ids(*three[1:])
    assert found(admin, until=moment.isoformat()) == ids(three[0])


def test_times_that_nothing_can_be_reckoned_with_are_refused(admin: Buyer) -> None:
    for name, moment in (("since", "0001-01-01T00:00:00Z"), ("until", "9999-12-31T23:59:59-14:00")):
        answers = (
            admin.get(f"/v1/admin/orders?{name}={moment}"),
            admin.post("/v1/admin/order-exports", {"criteria": {name: moment}}),
        )
        assert [each.status_code for each in answers] == [422, 422]
    assert found(admin, since="1971-01-01T00:00:00Z", until="9998-12-31T23:59:59Z") == []


def test_pages_go_on_where_the_last_one_stopped_looking(
    admin: Buyer, three: list[Purchase], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 2)
    change("UPDATE orders SET email = 'x@example.com'")

    assert _pages(admin, "email=X@example.com&limit=1") == [[each] for each in ids(*three)]
    # The two that are looked at first have other goods.
    assert _pages(admin, f"email=x@example.com&sku={three[0].product.sku}") == [[], ids(three[0])]


def _pages(by: Buyer, query: str) -> list[list[str]]:
    found_on: list[list[str]] = []
    after = ""
    while True:
        page = by.get(f"/v1/admin/orders?{query}{after}").get_json()
        found_on.append([each["id"] for each in page["items"]])
        if page["next_cursor"] is None:
            return found_on
        after = f"&cursor={page['next_cursor']}"


def test_a_seller_finds_what_was_paid_by_their_own_lines(three: list[Purchase]) -> None:
    first, second, _ = three
    seller_id = first.product.seller_id
    own = "UPDATE order_lines SET seller_id = :id WHERE order_id <> :other"
    change(own, id=seller_id, other=three[2].order_id)
    change("UPDATE orders SET status = 'paid', payment_status = 'paid', paid_at = now()")
    wanted = OrderSearch(seller_id=seller_id)

    assert _of_seller(wanted) == ids(first, second)
    assert _of_seller(OrderSearch(seller_id=seller_id, sku=second.product.sku)) == ids(second)
    assert _of_seller(OrderSearch(seller_id=seller_id, sku=three[2].product.sku)) == []
    ((number,),) = rows("SELECT number FROM orders WHERE id = :id", id=three[2].order_id)
    assert _of_seller(OrderSearch(seller_id=seller_id, number=number)) == []
    assert _of_seller(OrderSearch(seller_id=new_id())) == []


def test_a_seller_may_not_ask_who_has_bought(client: FlaskClient) -> None:
    seller = make_buyer(client, "seller")

    asked = ("email", "name", "payment_status", "seller_id")
    answers = [seller.get(f"/v1/seller/orders?{name}=paid") for name in asked]

    assert [each.status_code for each in answers] == [422] * len(asked)


def _of_seller(wanted: OrderSearch) -> list[str]:
    with transaction() as session:
        page = queries.of_seller(session, wanted, before=None, limit=9)
        return [str(each.order.id) for each in page.items]


@pytest.fixture
def many(bought: Purchase, session: Session) -> None:
    """3,000 more orders like this one, each with a buyer and product of its own, that the planner knows."""
    one_more = """
        INSERT INTO orders SELECT (jsonb_populate_record(orders, jsonb_build_object(
            'id', lpad(to_hex(n), 32, '0'), 'number', n, 'cart_id', NULL, 'email', n || '@example.com',
            'shipping_address', jsonb_build_object('name', 'Ada' || n), 'paid_at', now(),
            'status', CASE n % 50 WHEN 0 THEN 'paid' ELSE 'pending' END,
            'payment_status', CASE n % 50 WHEN 0 THEN 'review' ELSE 'unpaid' END))).*
        FROM orders, generate_series(1, 3000) n WHERE orders.id = :id"""
    its_line = """
        INSERT INTO order_lines SELECT (jsonb_populate_record(line, jsonb_build_object(
            'id', lpad(to_hex(n), 32, '0'), 'order_id', lpad(to_hex(n), 32, '0'), 'sku', n,
            'seller_id', lpad(to_hex(n % 50), 32, '0')))).*
        FROM order_lines line, generate_series(1, 3000) n WHERE line.order_id = :id"""
    session.execute(text(one_more), {"id": bought.order_id})
    session.execute(text(its_line), {"id": bought.order_id})
    session.execute(text("ANALYZE orders, order_lines"))


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"number": "7"}, "uq_orders_number"),
        ({"email": "7@example.com"}, "ix_orders_lower_email_id"),
        ({"name": "Ada7"}, "ix_orders_names"),
        ({"sku": "7"}, "ix_order_lines_sku_order_id"),
        ({"seller_id": UUID(int=7)}, "ix_order_lines_seller_id_order_id"),
        ({"status": "paid"}, "ix_orders_status_id"),
        ({"payment_status": "review"}, "ix_orders_payment_status_id"),
        ({}, "pk_orders"),
    ],
)
def test_each_way_of_looking_has_its_index(session: Session, wanted: dict[str, Any], index: str) -> None:
    looking = searching.looking(OrderSearch(**wanted), before=None).limit(25)
    statement = looking.compile(dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True})

    plan = "\n".join(session.scalars(text(f"EXPLAIN {statement}")))

    assert index in plan
