"""What can stand against changing an order."""

from app.platform.errors import Conflict


class IllegalTransition(Conflict):
    """The status does not allow it; `order_status`, `parcel_status` or `return_status` is the present one."""

    code = "illegal-transition"
    title = "Illegal transition"
