"""What keeps a settlement from being finished now, and an order from being paid."""

from app.platform.errors import Conflict, Expected


class NotYet(Expected):
    """The provider's side, or ours, is not as far as it must be; the same work is tried again later."""


class OrderNotPayable(Conflict):
    """The order takes no new payment now; `order_status` and `payment_status` are the present ones."""

    code = "order-not-payable"
    title = "Order not payable"
