from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.carts import services
from app.carts.errors import CartFull, LineLimitReached, NoPriceInCurrency
from app.carts.models import Cart, CartItem
from app.carts.queries import CartView, cart_of
from app.carts.services import filling
from app.catalog import services as catalog
from app.identity.models import User
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.money import Money
from app.platform.party import Party
from tests.carts.rules import RULES
from tests.carts.statements import counted
from tests.factories import MadeProduct, make_product, make_user, money


def put(session: Session, user: User, article: MadeProduct, quantity: int) -> CartView:
    """Add units of the article's only variant."""
    return services.add(
        session, Party(user.id), rules=RULES, variant_id=article.variant_id, quantity=quantity
    )


def quantities(cart: CartView) -> list[int]:
    return [line.quantity for line in cart.items]


def test_a_cart_that_was_never_begun_is_empty_and_writes_nothing(session: Session) -> None:
    user = make_user(session)

    cart = cart_of(session, Party(user.id), RULES)

    assert (cart.id, cart.updated_at, cart.expires_at) == (None, None, None)
    assert (cart.currency, list(cart.items)) == ("USD", [])
    assert cart.totals["total"] == {"amount": 0, "currency": "USD"}
    assert session.scalar(select(func.count()).select_from(Cart)) == 0


def test_the_first_add_begins_a_cart_and_answers_it_whole(session: Session) -> None:
    user, lamp = make_user(session), make_product(session, price=1999, stock=7)

    cart = put(session, user, lamp, 2)

    (line,) = cart.items
    assert (line.variant_id, line.product_id, line.sku) == (lamp.variant_id, lamp.id, lamp.sku)
    assert (line.quantity, line.available, line.image, line.previous_unit_price) == (2, 7, None, None)
    assert (line.unit_price, line.line_total) == (Money(1999, "USD"), Money(3998, "USD"))
    assert cart.totals.pop("tax_included") is False
    assert {name: each["amount"] for name, each in cart.totals.items()} == {
        "subtotal": 3998,
        "discount": 0,
        "shipping": 499,
        "tax": 360,
        "total": 4857,
    }
    assert cart.updated_at is not None
    assert cart.expires_at == cart.updated_at + timedelta(days=30)


def test_the_same_article_by_id_and_by_sku_is_one_line(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    first = put(session, user, lamp, 2)

    second = services.add(session, Party(user.id), rules=RULES, sku=lamp.sku, quantity=3)

    assert second.id == first.id
    assert [line.id for line in second.items] == [line.id for line in first.items]
    assert quantities(second) == [5]


def test_a_line_is_filled_to_its_limit_and_not_beyond(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    put(session, user, lamp, 60)
    put(session, user, lamp, 39)

    with pytest.raises(LineLimitReached) as caught:
        put(session, user, lamp, 1)

    assert caught.value.extra == {"errors": {"quantity": ["Must add up to 99 at most."]}}
    assert quantities(cart_of(session, Party(user.id), RULES)) == [99]


def test_a_full_cart_takes_more_of_what_it_holds_but_nothing_else(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "CART_LIMIT", 1)
    user, lamp, pen = make_user(session), make_product(session), make_product(session)
    put(session, user, lamp, 1)

    assert quantities(put(session, user, lamp, 1)) == [2]
    with pytest.raises(CartFull):
        put(session, user, pen, 1)


def test_what_is_not_on_sale_begins_no_cart(session: Session) -> None:
    user, gone, lamp = make_user(session), make_product(session), make_product(session)
    catalog.archive_product(session, gone.id)
    euros = replace(RULES, currency="EUR")

    for variant_id in (gone.variant_id, new_id()):
        with pytest.raises(NotFound):
            services.add(session, Party(user.id), rules=RULES, quantity=1, variant_id=variant_id)
    for sku in (gone.sku, "NONE"):
        with pytest.raises(NotFound):
            services.add(session, Party(user.id), rules=RULES, quantity=1, sku=sku)
    with pytest.raises(NoPriceInCurrency), session.begin_nested():
        services.add(session, Party(user.id), rules=euros, quantity=1, sku=lamp.sku)

    assert session.scalar(select(func.count()).select_from(Cart)) == 0


def test_todays_price_counts_and_the_old_one_is_shown_until_it_is_added_again(session: Session) -> None:
    user, lamp = make_user(session), make_product(session, price=1000)
    put(session, user, lamp, 1)
    dearer = {"price": money(1200)}
    catalog.change_variant(session, lamp.id, lamp.variant_id, dearer, currency="USD")

    (shown,) = cart_of(session, Party(user.id), RULES).items
    (added_again,) = put(session, user, lamp, 1).items

    assert (shown.unit_price, shown.previous_unit_price) == (Money(1200, "USD"), Money(1000, "USD"))
    assert shown.line_total == Money(1200, "USD")
    assert (added_again.line_total, added_again.previous_unit_price) == (Money(2400, "USD"), None)


def test_an_article_off_sale_stays_visible_and_costs_nothing(session: Session) -> None:
    user = make_user(session)
    lamp, pen = make_product(session, price=1000), make_product(session, price=200)
    put(session, user, lamp, 2)
    put(session, user, pen, 1)
    catalog.archive_variant(session, lamp.id, lamp.variant_id)

    cart = cart_of(session, Party(user.id), RULES)

    off_sale, on_sale = cart.items
    assert (off_sale.sku, off_sale.quantity, off_sale.available) == (lamp.sku, 2, 0)
    assert (off_sale.unit_price, off_sale.line_total) == (Money(1000, "USD"), Money(0, "USD"))
    assert on_sale.line_total == Money(200, "USD")
    assert cart.totals["subtotal"] == {"amount": 200, "currency": "USD"}


def test_an_item_is_changed_and_removed(session: Session) -> None:
    user, lamp, pen = make_user(session), make_product(session), make_product(session)
    put(session, user, lamp, 1)
    cart = put(session, user, pen, 1)
    first, second = (line.id for line in cart.items)

    changed = services.change(session, Party(user.id), item_id=first, quantity=9, rules=RULES)
    removed = services.remove(session, Party(user.id), item_id=first, rules=RULES)

    assert quantities(changed) == [9, 1]
    assert [line.id for line in removed.items] == [second]


def test_a_strangers_item_is_not_found_and_stays_as_it_is(session: Session) -> None:
    owner, stranger, lamp = make_user(session), make_user(session), make_product(session)
    (line,) = put(session, owner, lamp, 2).items
    put(session, stranger, lamp, 1)

    with pytest.raises(NotFound):
        services.change(session, Party(stranger.id), item_id=line.id, quantity=5, rules=RULES)
    with pytest.raises(NotFound):
        services.remove(session, Party(make_user(session).id), item_id=line.id, rules=RULES)

    assert quantities(cart_of(session, Party(owner.id), RULES)) == [2]
    assert quantities(cart_of(session, Party(stranger.id), RULES)) == [1]


def test_clearing_empties_the_cart_and_leaves_others_alone(session: Session) -> None:
    user, other, lamp = make_user(session), make_user(session), make_product(session)
    begun = put(session, user, lamp, 2)
    put(session, other, lamp, 3)

    services.clear(session, Party(user.id))
    services.clear(session, Party(user.id))

    cleared = cart_of(session, Party(user.id), RULES)
    assert (cleared.id, list(cleared.items)) == (begun.id, [])
    assert cleared.totals["total"] == {"amount": 0, "currency": "USD"}
    assert quantities(cart_of(session, Party(other.id), RULES)) == [3]


def test_clearing_a_cart_that_was_never_begun_writes_nothing(session: Session) -> None:
    services.clear(session, Party(make_user(session).id))

    assert session.scalar(select(func.count()).select_from(Cart)) == 0


def test_the_database_refuses_two_owners_none_and_too_many_units(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    cart = put(session, user, lamp, 1)
    pen = make_product(session)
    article = {"variant_id": pen.variant_id, "product_id": pen.id, "sku": pen.sku, "name": "Pen"}
    crowded = CartItem(cart_id=cart.id, quantity=100, unit_price_amount=1, **article)
    owned_twice = Cart(user_id=make_user(session).id, token_hash="of a guest", currency="USD")

    for refused in (Cart(currency="USD"), owned_twice, crowded):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(refused)


def test_a_cart_is_read_in_one_statement_and_filled_in_three(session: Session) -> None:
    user, lamp, pen = make_user(session), make_product(session), make_product(session)
    put(session, user, lamp, 1)

    with counted(session.connection()) as filling:
        put(session, user, pen, 1)
    with counted(session.connection()) as reading:
        cart_of(session, Party(user.id), RULES)

    assert len(filling) == 3, filling
    assert len(reading) == 1, reading
