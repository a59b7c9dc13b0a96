"""The states of an order, and the legal moves between them, as data."""

from app.orders.errors import IllegalTransition

PENDING, PAID, PACKED, SHIPPED, DELIVERED, CANCELLED = (
    "pending",
    "paid",
    "packed",
    "shipped",
    "delivered",
    "cancelled",
)

MOVES: dict[str, frozenset[str]] = {
    PENDING: frozenset({PAID, CANCELLED}),
    PAID: frozenset({PACKED, CANCELLED}),
    # Delivered at once when its buyer comes for it.
    PACKED: frozenset({SHIPPED, DELIVERED, CANCELLED}),
    SHIPPED: frozenset({DELIVERED}),
    DELIVERED: frozenset(),
    # Money that came after the hold had expired, when the stock could be had once more.
    CANCELLED: frozenset({PAID}),
}
ON_ITS_WAY = (PAID, PACKED, SHIPPED, DELIVERED)
"""What a paid order goes through, in this order, as its parcels do."""
CANCEL_REASONS = ("buyer", "admin", "expired", "unavailable")
PAYMENT_STATES = ("unpaid", "processing", "paid", "partially_refunded", "refunded", "disputed", "review")
UNFULFILLED, PARTIAL = "unfulfilled", "partial"
FULFILLMENT_STATES = (UNFULFILLED, PARTIAL, SHIPPED, DELIVERED)


def check_move(current: str, target: str) -> None:
    """Raise IllegalTransition unless an order may go from one status to the other."""
    if target not in MOVES[current]:
        raise IllegalTransition(f"An order that is {current} cannot become {target}.", order_status=current)
