"""The coupon in a cart: whether it may be used is told whenever the cart is shown, decided at checkout."""

from sqlalchemy.orm import Session

from app.carts.queries import CartView, cart_of
from app.carts.services.filling import touch
from app.platform.party import Party
from app.pricing.errors import CouponNotMet
from app.pricing.services import Rules, coupons


def put_coupon(session: Session, owner: Party, *, coupon: str, rules: Rules) -> CartView:
    """Have the coupon of this code in the cart, in the place of another; answers the whole cart.

    No use of it is reserved. Raises what stands against using it now, as `coupons.apply` does.
    """
    touch(session, owner, coupon_code=coupons.normal(coupon))
    cart = cart_of(session, owner, rules)
    if cart.coupon is None:
        raise CouponNotMet("There is nothing in the cart that a coupon could be for.")
    if cart.coupon.problem is not None:
        raise cart.coupon.problem
    return cart


def remove_coupon(session: Session, owner: Party, *, rules: Rules) -> CartView:
    """Take the coupon out; answers the whole cart. Repeating, or having none, changes nothing."""
    touch(session, owner, coupon_code=None)
    return cart_of(session, owner, rules)
