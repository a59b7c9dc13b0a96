"""The states of parcels and returns, their legal moves, and what an order's status follows from, as data."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from app.orders import states as orders
from app.orders.errors import IllegalTransition

PENDING, PROCESSING, PACKED, SHIPPED, DELIVERED, CANCELLED = (
    "pending",
    "processing",
    "packed",
    "shipped",
    "delivered",
    "cancelled",
)
MOVES: dict[str, frozenset[str]] = {
    PENDING: frozenset({PROCESSING, PACKED, CANCELLED}),
    PROCESSING: frozenset({PACKED, CANCELLED}),
    # Unpacked, because something was wrong or is wanted back.
    PACKED: frozenset({PROCESSING, SHIPPED, CANCELLED}),
    SHIPPED: frozenset({DELIVERED}),
    DELIVERED: frozenset(),
    CANCELLED: frozenset(),
}
PICKUP_MOVES = MOVES | {PACKED: frozenset({PROCESSING, DELIVERED, CANCELLED})}
"""Those of what is picked up: it is handed over, and never on its way."""
OPEN = (PENDING, PROCESSING)
"""Nothing is in it yet."""
HERE = (*OPEN, PACKED)
"""It has not left the house."""
GONE = (SHIPPED, DELIVERED)

REQUESTED, APPROVED, REJECTED, RECEIVED, WITHDRAWN = (
    "requested",
    "approved",
    "rejected",
    "received",
    "withdrawn",
)
RETURN_MOVES: dict[str, frozenset[str]] = {
    REQUESTED: frozenset({APPROVED, REJECTED, WITHDRAWN}),
    # Rejected also when what came, or did not come, is not what was agreed on.
    APPROVED: frozenset({RECEIVED, REJECTED, WITHDRAWN}),
    REJECTED: frozenset(),
    RECEIVED: frozenset(),
    WITHDRAWN: frozenset(),
}
UNDER_WAY = (REQUESTED, APPROVED)
"""Of a return: its units are to come back, and in no other return."""
RETURN_REASONS = ("damaged", "wrong_item", "not_as_described", "no_longer_wanted", "other")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order shows of its parcels; its status stays where it is further already."""

    order_status: str
    fulfillment_status: str


Rule = tuple[Callable[[Iterable[object]], bool], Collection[str], Standing]
RULES: tuple[Rule, ...] = (
    (all, (DELIVERED,), Standing(orders.DELIVERED, orders.DELIVERED)),
    (all, GONE, Standing(orders.SHIPPED, orders.SHIPPED)),
    (any, GONE, Standing(orders.PACKED, orders.PARTIAL)),
    (any, (PACKED,), Standing(orders.PACKED, orders.UNFULFILLED)),
)
"""The first of these that is true of an order's parcels, cancelled ones left out, is how the order stands."""
NOTHING_PACKED = Standing(orders.PAID, orders.UNFULFILLED)


def standing(statuses: Iterable[str]) -> Standing:
    """How a paid order stands whose parcels have these statuses."""
    live = [status for status in statuses if status != CANCELLED]
    for quantifier, wanted, result in RULES:
        if live and quantifier(status in wanted for status in live):
            return result
    return NOTHING_PACKED


def is_before(status: str, target: str) -> bool:
    """Whether a parcel of this status has still to come to the other on its way to the buyer."""
    way = (PENDING, PROCESSING, PACKED, SHIPPED, DELIVERED)
    return status in way and way.index(status) < way.index(target)


def check_move(current: str, target: str, *, picked_up: bool = False) -> None:
    """Raise IllegalTransition unless a parcel, sent or picked up, may go from one status to the other."""
    if target not in (PICKUP_MOVES if picked_up else MOVES)[current]:
        which = "A parcel to be picked up" if picked_up else "A parcel"
        raise IllegalTransition(f"{which} that is {current} cannot become {target}.", parcel_status=current)


def check_return_move(current: str, target: str) -> None:
    """Raise IllegalTransition unless a return may go from one status to the other."""
    if target not in RETURN_MOVES[current]:
        raise IllegalTransition(f"A return that is {current} cannot become {target}.", return_status=current)
