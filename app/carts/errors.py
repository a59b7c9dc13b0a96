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
