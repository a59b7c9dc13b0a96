"""The states of a payment and of a refund, and the legal moves between them, as data."""

from app.payments.errors import IllegalPaymentMove

CREATING, OPEN, PROCESSING, SUCCEEDED, CANCELLED, REVIEW = (
    "creating",
    "open",
    "processing",
    "succeeded",
    "cancelled",
    "review",
)

MOVES: dict[str, frozenset[str]] = {
    CREATING: frozenset({OPEN, PROCESSING, SUCCEEDED, CANCELLED, REVIEW}),
    OPEN: frozenset({PROCESSING, SUCCEEDED, CANCELLED, REVIEW}),
    PROCESSING: frozenset({OPEN, SUCCEEDED, CANCELLED, REVIEW}),
    SUCCEEDED: frozenset(),
    # An object that we thought was never made turns up with money in it.
    CANCELLED: frozenset({SUCCEEDED, REVIEW}),
    # Only an admin's decision leaves a review.
    REVIEW: frozenset({SUCCEEDED, CANCELLED}),
}
LIVE = (CREATING, OPEN, PROCESSING)
"""An order has at most one payment in these."""

REFUND_STATES = ("owed", "pending", "succeeded", "failed")
REFUND_SOURCES = ("shop", "provider")
DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST = DISPUTE_STATES = ("open", "won", "lost")
DISPUTE_STEPS = (
    (DISPUTE_OPEN, False),
    (DISPUTE_OPEN, True),
    (DISPUTE_LOST, False),
    (DISPUTE_LOST, True),
    (DISPUTE_WON, True),
    (DISPUTE_WON, False),
)
"""Status, and whether the money is gone, in the order in which a dispute comes by. It never goes back: what
is further up was read earlier. The provider gives back what was won a moment after it says so.
"""


def check_move(current: str, target: str) -> None:
    """Raise IllegalPaymentMove unless a payment may go from one status to the other."""
    if target not in MOVES[current]:
        raise IllegalPaymentMove(
            f"A payment that is {current} cannot become {target}.", payment_status=current
        )
