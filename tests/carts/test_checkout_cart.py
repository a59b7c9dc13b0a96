from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services
from app.carts.queries import cart_of
from app.carts.services import CheckoutLine
from app.catalog import services as catalog
from app.platform.ids import new_id
from app.platform.party import Party
from tests.carts.rules import RULES
from tests.factories import make_product, make_user


def fill(session: Session, user_id: UUID, units: Mapping[UUID, int]) -> UUID:
    """Add units by variant; answers the cart's id."""
    for variant_id, quantity in units.items():
        cart = services.add(session, Party(user_id), rules=RULES, variant_id=variant_id, quantity=quantity)
    assert cart.id is not None
    return cart.id


def test_without_a_cart_there_is_nothing_to_check_out(session: Session) -> None:
    assert services.lock_for_checkout(session, Party(make_user(session).id)) is None


def test_checkout_gets_the_lines_in_order_and_learns_what_is_off_sale(session: Session) -> None:
    user, lamp, pen = make_user(session), make_product(session, price=1000), make_product(session)
    cart_id = fill(session, user.id, {lamp.variant_id: 2, pen.variant_id: 1})
    catalog.archive_product(session, pen.id)

    cart = services.lock_for_checkout(session, Party(user.id))

    assert cart is not None
    assert (cart.cart_id, cart.currency) == (cart_id, "USD")
    offered, off_sale = cart.lines
    assert (offered.variant_id, offered.quantity) == (lamp.variant_id, 2)
    assert offered.sellable is not None
    assert offered.sellable.price_amount == 1000
    assert off_sale == CheckoutLine(pen.variant_id, 1, None)


def test_a_cleared_cart_is_checked_out_as_one_without_lines(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    fill(session, user.id, {lamp.variant_id: 2})
    services.clear(session, Party(user.id))

    cart = services.lock_for_checkout(session, Party(user.id))

    assert cart is not None
    assert cart.lines == ()


def test_what_was_ordered_leaves_the_cart_and_later_additions_stay(session: Session) -> None:
    user, lamp, pen, cup = (
        make_user(session),
        make_product(session),
        make_product(session),
        make_product(session),
    )
    cart_id = fill(session, user.id, {lamp.variant_id: 2, pen.variant_id: 1})
    fill(session, user.id, {lamp.variant_id: 3, cup.variant_id: 4})

    services.remove_units(
        session, cart_id=cart_id, quantities={lamp.variant_id: 2, pen.variant_id: 1, new_id(): 1}
    )

    left = {line.variant_id: line.quantity for line in cart_of(session, Party(user.id), RULES).items}
    assert left == {lamp.variant_id: 3, cup.variant_id: 4}


def test_a_line_that_was_made_smaller_meanwhile_just_goes(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    cart_id = fill(session, user.id, {lamp.variant_id: 1})

    services.remove_units(session, cart_id=cart_id, quantities={lamp.variant_id: 5})

    assert list(cart_of(session, Party(user.id), RULES).items) == []


def test_a_cart_that_is_gone_needs_no_cleaning(session: Session) -> None:
    user, lamp = make_user(session), make_product(session)
    fill(session, user.id, {lamp.variant_id: 1})

    services.remove_units(session, cart_id=new_id(), quantities={lamp.variant_id: 1})

    assert [line.quantity for line in cart_of(session, Party(user.id), RULES).items] == [1]
