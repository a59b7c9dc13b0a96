"""What can stand against moving stock."""

from app.platform.errors import Conflict


class OutOfStock(Conflict):
    """At least one line asks for more than is available; `shortage` says how much there is of each."""

    code = "out-of-stock"
    title = "Out of stock"


class StockIsPromised(Conflict):
    """The change would leave less on the shelf than is promised to orders."""

    code = "stock-is-promised"
    title = "Stock is promised"


class ReservationConflict(Conflict):
    """The holder's reservation is not in the state, or not of the size, that the call needs."""

    code = "reservation-conflict"
    title = "Reservation conflict"
