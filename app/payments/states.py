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
DISPUTE_STATES = ("open", "won", "lost")


def check_move(current: str, target: str) -> None:
    """Raise IllegalPaymentMove unless a payment may go from one status to the other."""
    if target not in MOVES[current]:
        raise IllegalPaymentMove(
            f"A payment that is {current} cannot become {target}.", payment_status=current
        )
