"""The states of a payment, of a refund and of a dispute, and the legal moves between them, as data."""

from app.payments.errors import IllegalPaymentMove, IllegalRefundMove

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

OWED, PENDING, RETURNED, FAILED = "owed", "pending", "succeeded", "failed"
"""Of a refund. The provider's word for money that is back is `succeeded`, as for money that is here."""

REFUND_MOVES: dict[str, frozenset[str]] = {
    OWED: frozenset({PENDING, RETURNED, FAILED}),
    PENDING: frozenset({RETURNED, FAILED}),
    # A bank may send the money back, days later.
    RETURNED: frozenset({FAILED}),
    # One that we believed was never made turns up at the provider.
    FAILED: frozenset({PENDING, RETURNED}),
}
UNANSWERED = (OWED, PENDING)
"""The refunds of which the provider has not said the last word."""
REVIEW_CONCERNS = ("payment", "refund")
ACCEPT, GIVE_BACK, ENDED = "accept", "refund", "ended"
REVIEW_DECISIONS = (ACCEPT, GIVE_BACK, ENDED)
REFUND_SOURCES = ("shop", "provider")
REFUSED_BY_PROVIDER = "refused_by_provider"
"""The code in `last_error` of a payment that the provider does not open."""

SURPLUS, BESIDE, OVERPAID, FOUND = "surplus", "review", "overpaid", "provider"
"""Reasons of refunds: another payment had paid the order; what an object in review took, never the order's;
what came beyond the total, when an operator accepted the rest; made at the provider, not here.
"""
NEVER_OURS = (SURPLUS, BESIDE)
"""Why a whole payment goes back whatever becomes of the order: it is none of the order's money."""
STRIPE, MANUAL = "stripe", "manual"
"""Who takes the money: Stripe, or the shop itself, on its own bank account."""
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


def check_refund_move(current: str, target: str) -> None:
    """Raise IllegalRefundMove unless a refund may go from one status to the other."""
    if target not in REFUND_MOVES[current]:
        raise IllegalRefundMove(f"A refund that is {current} cannot become {target}.", refund_status=current)


def check_move(current: str, target: str) -> None:
    """Raise IllegalPaymentMove unless a payment may go from one status to the other."""
    if target not in MOVES[current]:
        raise IllegalPaymentMove(
            f"A payment that is {current} cannot become {target}.", payment_status=current
        )
