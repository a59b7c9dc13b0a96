"""What keeps a settlement from being finished now, and an order from being paid."""

from app.platform.errors import Conflict, Expected


class NotYet(Expected):
    """The provider's side, or ours, is not as far as it must be; the same work is tried again later."""


class OrderNotPayable(Conflict):
    """The order takes no new payment now; `order_status` and `payment_status` are the present ones."""

    code = "order-not-payable"
    title = "Order not payable"


class RefundNotPossible(Conflict):
    """Nothing can be given back now; `payment_status` or `refund_status` is the present one."""

    code = "refund-not-possible"
    title = "Refund not possible"


class RefundTooLarge(Conflict):
    """No payment of the order has this much left; `left` is the most that can be given back at once."""

    code = "refund-too-large"
    title = "Refund too large"


class UnitsNotSold(Conflict):
    """More units would come back than were sold, or are not back; `lines` says how many of each still can."""

    code = "units-not-sold"
    title = "Units not sold"


class NotResolvable(Conflict):
    """The decision makes no sense for what the provider holds, or another was made before."""

    code = "not-resolvable"
    title = "Not resolvable"
