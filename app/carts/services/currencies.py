"""The currency of a cart."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.carts.models import Cart
from app.carts.queries import CartView, cart_of
from app.carts.services.filling import touch
from app.platform.ids import new_id
from app.platform.party import Party
from app.pricing.services import Rules


def put_currency(session: Session, owner: Party, *, currency: str, rules: Rules) -> CartView:
    """Have the owner's cart in this currency, at today's prices in it; answers the whole cart.

    A user's begins now if there is none. What has no price in it stays, and cannot be bought. Raises
    CurrencyNotSold. Repeating changes nothing. Locks the cart.
    """
    rules.check_sold_in(currency)
    if touch(session, owner, currency=currency) is None and owner.user_id is not None:
        begun = insert(Cart).values(id=new_id(), user_id=owner.user_id, currency=currency)
        session.execute(
            begun.on_conflict_do_update(
                index_elements=["user_id"], set_={"currency": begun.excluded.currency}
            )
        )
    return cart_of(session, owner, rules)
