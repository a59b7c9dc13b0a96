from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.errors import CategoryCycle
from app.catalog.models import Category, Product, Variant
from app.catalog.services import Sellable
from app.platform.db import transaction
from app.platform.errors import AppError, Invalid
from app.platform.ids import new_id
from tests.database import lock_waiters
from tests.factories import make_category, make_product, make_user, money
from tests.waiting import wait


def test_tells_carts_what_a_variant_is_and_costs(session: Session) -> None:
    variants: list[dict[str, Any]] = [
        {"sku": "RED", "name": "Red", "price": money(2500), "weight_grams": 900},
        {"sku": "RAW", "price": money(2000)},
        {"sku": "SAME", "name": "Garden chair", "price": money(2000)},
    ]
    made = make_product(session, variants=variants)

    found = services.sellable(session, [*made.variant_ids, new_id()])

    assert [found[each].name for each in made.variant_ids] == [
        "Garden chair – Red",
        "Garden chair",
        "Garden chair",
    ]
    assert found[made.variant_id] == services.sellable_by_sku(session, "RED")
    assert found[made.variant_id] == Sellable(
        variant_id=made.variant_id,
        product_id=made.id,
        seller_id=made.seller_id,
        sku="RED",
        name="Garden chair – Red",
        image_key=None,
        price_amount=2500,
        currency="USD",
        weight_grams=900,
        tax_category="standard",
    )


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_active_products_are_sold(session: Session, status: str) -> None:
    made = make_product(session, status=status)

    assert services.sellable(session, made.variant_ids) == {}
    assert services.sellable_by_sku(session, made.sku) is None
    assert services.find_variant(session, made.sku) == made.variant_id
    assert services.find_variant(session, "unknown") is None


def test_a_customer_may_not_sell(session: Session) -> None:
    customer = make_user(session).id

    with pytest.raises(Invalid) as caught:
        make_product(session, seller_id=customer)

    assert caught.value.extra == {"errors": {"seller_id": ["No active seller or admin."]}}


@pytest.mark.parametrize(
    "change",
    [{"price_amount": 0}, {"price_amount": 100_000_000}, {"compare_at_amount": 1}, {"weight_grams": -1}],
)
def test_the_database_itself_refuses_nonsense(session: Session, change: dict[str, int]) -> None:
    made = make_product(session)
    variant = session.get_one(Variant, made.variant_id)

    for name, value in change.items():
        setattr(variant, name, value)

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.usefixtures("client")
def test_variants_added_at_once_leave_the_lowest_price_right() -> None:
    with transaction() as session:
        made = make_product(session, price=5000)

    def add(amount: int) -> None:
        with transaction() as session:
            services.add_variant(
                session, made.id, {"sku": f"AT-{amount}", "price": money(amount)}, currency="USD"
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(1000, 1020)))

    with transaction() as session:
        assert session.scalars(select(Product.lowest_price_amount)).one() == 1000


@pytest.mark.usefixtures("client")
def test_two_moves_at_once_make_no_circle() -> None:
    with transaction() as session:
        first, second = make_category(session, "First"), make_category(session, "Second")

    def move(branch: UUID, parent: UUID) -> AppError | None:
        try:
            with transaction() as session:
                services.change_category(session, branch, {"parent_id": parent})
        except AppError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(move, (first, second), (second, first)))

    assert [type(outcome) for outcome in outcomes if outcome] == [CategoryCycle]
    with transaction() as session:
        paths = set(session.scalars(select(Category.path)))
    assert paths in ({"first", "first/second"}, {"second", "second/first"})


@pytest.mark.usefixtures("client")
def test_a_category_that_is_being_deleted_gets_no_child() -> None:
    with transaction() as session:
        parent = make_category(session, "Parent")

    def add_child() -> AppError | None:
        try:
            with transaction() as session:
                services.create_category(session, name="Child", parent_id=parent)
        except AppError as error:
            return error
        return None

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.delete_category(session, parent)
            adding = pool.submit(add_child)
            wait(lambda: lock_waiters() == 1)
        outcome = adding.result(timeout=10)

    assert (type(outcome), outcome and outcome.extra) == (
        Invalid,
        {"errors": {"parent_id": ["No such category."]}},
    )
    with transaction() as session:
        assert list(session.scalars(select(Category.path))) == []
