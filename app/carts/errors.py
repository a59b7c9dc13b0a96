"""What can stand against filling a cart."""

from app.platform.errors import Conflict, Invalid


class LineLimitReached(Invalid):
    """More units of one article than a line may hold."""

    code = "line-limit-reached"
    title = "Line limit reached"


class CartFull(Conflict):
    """The cart holds as many different articles as it may."""

    code = "cart-full"
    title = "Cart full"


class NoPriceInCurrency(Conflict):
    """The article has no price in the currency of the cart."""

    code = "no-price-in-currency"
    title = "No price in this currency"


class CartInOtherCurrency(Conflict):
    """The cart is in another currency than the one that was asked for; `currency` is the cart's."""

    code = "cart-in-other-currency"
    title = "Cart in another currency"
