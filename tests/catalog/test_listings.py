from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.services import listings
from app.inventory import services as inventory
from app.ops.services.doctor import find
from app.ops.services.invariants import INVARIANTS
from app.platform.db import transaction
from tests.database import change, lock_waiters, rows
from tests.factories import MadeProduct, add_stock, make_category, make_product, make_user, money
from tests.waiting import wait
from tests.work import drain

ALL = "SELECT * FROM listings ORDER BY product_id"


def _facts(session: Session, product_id: UUID) -> set[str]:
    ((found,),) = rows("SELECT facts FROM listings WHERE product_id = :id", session, id=product_id)
    return set(found)


def test_a_listing_has_what_lists_show_and_filter_by(session: Session) -> None:
    garden = make_category(session, "Garden")
    chairs = make_category(session, "Chairs", parent_id=garden)
    made = _make_chair(session, chairs)

    found = rows(
        "SELECT name, sort_name, brand, seller_id, category_ids, featured, currency, lowest_amount,"
        " highest_amount, available, rating_average, rating_count, popularity FROM listings",
        session,
    )

    ((name, sort_name, *others),) = found
    assert (name, sort_name) == ("Élan Chair", "élan chair")
    assert others == [
        *("Sit & Co", made.seller_id, [garden, chairs], True, "USD", 1900, 2500, False, Decimal(0), 0, 0)
    ]
    of_all = {f"s:{made.seller_id}", "b:Sit & Co", "featured", f"c:{garden}", f"c:{chairs}"}
    assert _facts(session, made.id) == of_all | {
        "a:color=red",
        "a:legs=4",
        "a:material=oak",
        "a:folds=true",
    }


def test_a_product_is_listed_however_much_is_known_of_it(session: Session) -> None:
    """All its different words are more than a listing's document can hold."""
    letters = "\U0001f33b" * 40 + "ж" * 120
    variants: list[dict[str, Any]] = [
        {
            "sku": f"CHAIR-{number}",
            "name": f"Colour{number}",
            "price": money(2500),
            "attributes": {str(fact): f"{letters}x{number}x{fact}" for fact in range(50)},
        }
        for number in range(100)
    ]

    made = make_product(session, brand="Acme", attributes={"material": "oak"}, variants=variants)

    assert rows("SELECT product_id FROM listings", session) == [(made.id,)]
    for word in ("acme", "oak", "colour99", "chair-99"):
        found = "SELECT count(*) FROM listings WHERE document @@ plainto_tsquery('simple', :word)"
        assert rows(found, session, word=word) == [(1,)]
    assert f"a:49={letters}x99x49" in _facts(session, made.id)


def _make_chair(session: Session, category_id: UUID) -> MadeProduct:
    """A product about which all is known; its third variant is sold no more."""
    variants: list[dict[str, Any]] = [
        {"sku": "RED", "price": money(2500), "attributes": {"color": "red", "legs": 4}},
        {"sku": "RAW", "price": money(1900)},
        {"sku": "GONE", "price": money(100), "attributes": {"color": "gone"}},
    ]
    made = make_product(
        session,
        name="Élan Chair",
        brand="Sit & Co",
        category_id=category_id,
        featured=True,
        attributes={"material": "oak", "folds": True},
        variants=variants,
    )
    services.archive_variant(session, made.id, made.variant_ids[2])
    return made


@pytest.mark.parametrize(
    "change_it",
    [
        lambda session, made: services.archive_product(session, made.id),
        lambda session, made: services.change_product(session, made.id, {"status": "draft"}),
        lambda session, made: services.archive_variant(session, made.id, made.variant_id),
    ],
    ids=["archived", "drafted", "without variants"],
)
def test_what_nobody_can_buy_is_listed_no_more(session: Session, change_it: Any) -> None:
    made = make_product(session)
    other = make_product(session, slug="other")

    change_it(session, made)

    assert rows("SELECT product_id FROM listings", session) == [(other.id,)]


def test_a_listing_follows_its_product_in_the_same_transaction(session: Session) -> None:
    made = make_product(session, price=2000)
    garden = make_category(session, "Garden")

    services.change_product(session, made.id, {"name": "Bench", "brand": "Acme", "category_id": garden})
    services.change_variant(session, made.id, made.variant_id, {"price": money(900)}, currency="USD")
    services.add_variant(session, made.id, {"sku": "NEW", "price": money(3000)}, currency="USD")

    found = rows("SELECT name, brand, lowest_amount, highest_amount, category_ids FROM listings", session)
    assert found == [("Bench", "Acme", 900, 3000, [garden])]


def test_refreshing_again_changes_nothing_and_keeps_what_others_wrote(session: Session) -> None:
    made = make_product(session, stock=1)
    change("UPDATE listings SET popularity = 7, tier = 1", session)
    listings.refresh(session, [made.id])
    before = rows("SELECT xmin, * FROM listings", session)

    listings.refresh(session, [made.id])

    assert rows("SELECT xmin, * FROM listings", session) == before
    assert rows("SELECT popularity, tier FROM listings", session) == [(7, 1)]


def test_a_moved_category_takes_its_listings_along(session: Session) -> None:
    garden, house = make_category(session, "Garden"), make_category(session, "House")
    chairs = make_category(session, "Chairs", parent_id=garden)
    made = make_product(session, category_id=chairs)

    services.change_category(session, chairs, {"parent_id": house})

    assert rows("SELECT category_ids FROM listings", session) == [([house, chairs],)]
    assert f"c:{garden}" not in _facts(session, made.id)


@pytest.mark.usefixtures("client")
def test_a_large_branch_is_moved_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "STEP", 2)
    with transaction() as session:
        garden, house = make_category(session, "Garden"), make_category(session, "House")
        seller = make_user(session, role="seller").id
        for number in range(5):
            make_product(session, slug=f"p{number}", category_id=garden, seller_id=seller)

    with transaction() as session:
        services.change_category(session, garden, {"parent_id": house})

    moved = "SELECT count(*) FROM listings WHERE category_ids = ARRAY[:house, :garden]::uuid[]"
    assert rows(moved, house=house, garden=garden) == [(2,)]
    assert drain() == ["catalog.refresh_branch", "catalog.refresh_branch"]
    assert rows(moved, house=house, garden=garden) == [(5,)]


@pytest.mark.usefixtures("client")
def test_selling_out_and_coming_back_is_shown() -> None:
    with transaction() as session:
        made = make_product(session, variants=[{"price": money(100)}, {"price": money(200)}])

    seen = []
    for sku, units in ((made.skus[1], 3), (made.skus[0], 1), (made.skus[1], -3), (made.skus[0], -1)):
        with transaction() as session:
            inventory.adjust(session, sku=sku, change=units, reason="counted", note=None)
        assert "catalog.refresh_listing" in drain()
        seen += rows("SELECT available FROM listings")

    assert seen == [(True,), (True,), (True,), (False,)]


@pytest.mark.usefixtures("client")
def test_a_rebuild_mends_whatever_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "STEP", 2)
    with transaction() as session:
        seller = make_user(session, role="seller").id
        made = [make_product(session, slug=f"p{number}", seller_id=seller, stock=1) for number in range(5)]
    drain()
    right = rows(ALL)
    with transaction() as session:
        change("DELETE FROM listings WHERE slug = 'p0'", session)
        change("UPDATE listings SET available = false, lowest_amount = 1, facts = '{}'", session)

    with transaction() as session:
        listings.rebuild(session)
    ran = drain()

    assert ran == ["catalog.continue_rebuild", "catalog.continue_rebuild"]
    assert rows(ALL) == right
    assert len(right) == len(made)


@pytest.mark.usefixtures("client")
def test_a_command_makes_all_listings_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "STEP", 2)
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for number in range(3):
            make_product(session, slug=f"p{number}", seller_id=seller)
        change("DELETE FROM listings", session)

    ran = app.test_cli_runner().invoke(args=["listings"])

    assert (ran.exit_code, ran.output) == (0, "3 products looked at.\n")
    assert rows("SELECT slug FROM listings ORDER BY slug") == [("p0",), ("p1",), ("p2",)]


@pytest.mark.usefixtures("client")
def test_a_refresh_waits_for_a_change_that_is_under_way() -> None:
    with transaction() as session:
        made = make_product(session, price=2000)

    def refresh() -> None:
        with transaction() as session:
            listings.refresh(session, [made.id])

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.change_variant(session, made.id, made.variant_id, {"price": money(900)}, currency="USD")
            refreshed = pool.submit(refresh)
            wait(lambda: lock_waiters() == 1)
        refreshed.result(timeout=10)

    assert rows("SELECT lowest_amount FROM listings") == [(900,)]


@pytest.mark.parametrize(
    ("broken", "is_broken"),
    [
        ("DELETE FROM listings", True),
        ("UPDATE products SET status = 'archived'", True),
        ("UPDATE listings SET lowest_amount = 1", True),
        ("UPDATE listings SET brand = 'Acme'", True),
        ("UPDATE listings SET category_ids = '{}'", True),
        ("UPDATE listings SET available = true", True),
        ("UPDATE listings SET popularity = 1, tier = 0", False),
    ],
)
def test_the_doctor_sees_a_listing_that_is_wrong(session: Session, broken: str, *, is_broken: bool) -> None:
    made = make_product(session, category_id=make_category(session))
    change(broken, session)

    (invariant,) = (each for each in INVARIANTS if each.id == "I53")
    found = find(session, invariant, {})

    assert found.examples == ((str(made.id),) if is_broken else ())


def test_what_is_owed_still_is_not_wrong(session: Session) -> None:
    made = make_product(session)
    (invariant,) = (each for each in INVARIANTS if each.id == "I53")

    add_stock(session, made.sku, 1)
    owed = find(session, invariant, {}).count
    change("UPDATE deliveries SET state = 'done', done_at = now()", session)

    assert (owed, find(session, invariant, {}).count) == (0, 1)
