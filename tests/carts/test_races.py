from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.carts import services
from app.carts.errors import LineLimitReached
from app.carts.models import Cart
from app.carts.queries import cart_of
from app.orders import queries as order_queries
from app.orders import services as orders
from app.platform.db import transaction
from app.platform.party import Party
from tests.buyers import Purchase
from tests.carts.rules import RULES
from tests.database import lock_waiters, rows
from tests.factories import make_product, make_user
from tests.threads import AT_ONCE, at_once
from tests.waiting import wait as wait_until

pytestmark = pytest.mark.usefixtures("client")  # for its database: these commit


def add(user_id: UUID, variant_id: UUID, quantity: int) -> bool:
    """Whether the units went in."""
    try:
        with transaction() as session:
            services.add(session, Party(user_id), rules=RULES, variant_id=variant_id, quantity=quantity)
    except LineLimitReached:
        return False
    return True


def test_first_adds_at_once_begin_one_cart_and_sum() -> None:
    with transaction() as session:
        user, lamp = make_user(session), make_product(session)

    assert all(at_once(lambda _: add(user.id, lamp.variant_id, 2)))

    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Cart)) == 1
        assert [line.quantity for line in cart_of(session, Party(user.id), RULES).items] == [2 * AT_ONCE]


def test_adds_at_once_stop_at_the_line_limit() -> None:
    with transaction() as session:
        user, lamp = make_user(session), make_product(session)

    added = at_once(lambda _: add(user.id, lamp.variant_id, 40))

    assert added.count(True) == 2
    with transaction() as session:
        assert [line.quantity for line in cart_of(session, Party(user.id), RULES).items] == [80]


def test_different_articles_added_at_once_all_go_in() -> None:
    with transaction() as session:
        user = make_user(session)
        articles = [make_product(session) for _ in range(AT_ONCE)]

    assert all(at_once(lambda number: add(user.id, articles[number].variant_id, 1)))

    with transaction() as session:
        found = {line.variant_id for line in cart_of(session, Party(user.id), RULES).items}
        assert found == {article.variant_id for article in articles}


def test_an_add_waits_until_checkout_has_let_go_of_the_cart() -> None:
    with transaction() as session:
        user, lamp = make_user(session), make_product(session)
        services.add(session, Party(user.id), rules=RULES, variant_id=lamp.variant_id, quantity=2)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            cart = services.lock_for_checkout(session, Party(user.id))
            assert cart is not None
            adding = pool.submit(add, user.id, lamp.variant_id, 3)
            assert not wait([adding], timeout=0.3).done
            services.remove_units(session, cart_id=cart.cart_id, quantities={lamp.variant_id: 2})
        assert adding.result(timeout=10)

    with transaction() as session:
        assert [line.quantity for line in cart_of(session, Party(user.id), RULES).items] == [3]


def test_an_order_that_changes_twice_does_not_wait_for_its_cart(bought: Purchase) -> None:
    order_id = bought.order_id
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            order = orders.lock(session, order_id)
            order.gift_message = "Happy"
            session.flush()
            emptying = pool.submit(_empty_cart_of, order_id)
            wait_until(lambda: lock_waiters() == 1)
            # From the second change on, PostgreSQL looks whether the cart is still there.
            order.gift_message = "Happy birthday"
            session.flush()
        emptying.result(timeout=20)

    assert rows("SELECT gift_message, cart_id FROM orders") == [("Happy birthday", None)]


def _empty_cart_of(order_id: UUID) -> None:
    with transaction() as session:
        services.remove_bought(session, order_id, orders.quantities(order_queries.get(session, order_id)))
