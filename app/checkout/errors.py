"""What can stand between a cart and an order."""

from app.platform.errors import Conflict, Invalid


class CartEmpty(Invalid):
    """There is nothing to buy."""

    code = "cart-empty"
    title = "Cart empty"


class ItemsUnavailable(Conflict):
    """Some items of the cart are no longer sold; `unavailable` names them."""

    code = "items-unavailable"
    title = "Items unavailable"


class CheckoutOpen(Conflict):
    """The cart has an open order, for something else or being cancelled; `order_id` is its id."""

    code = "checkout-open"
    title = "Checkout open"


class TotalChanged(Conflict):
    """The total is not the one that the caller expected; `total` is the new one."""

    code = "total-changed"
    title = "Total changed"
