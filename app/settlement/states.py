"""The words of reconciliation: how a run is, where it looks, what it finds, and what it does about that."""

OPEN, RECENT, DEEP, MANUAL = RUN_KINDS = ("open", "recent", "deep", "manual")
RUNNING, INTERRUPTED, DONE = RUN_STATES = ("running", "interrupted", "done")

HEALED, DISAGREEING, ORPHANED = FINDINGS = ("healed", "disagreeing", "orphaned")
"""Ours follows theirs now; it does not, and somebody must look; theirs, made by us, has no row of ours."""

INTENTS, SESSIONS, REFUNDS, DISPUTES, EVENTS = BOOKS = (
    "payment_intent",
    "checkout_session",
    "refund",
    "dispute",
    "event",
)
"""What the provider keeps lists of."""

SETTLED, CLOSED, KEPT, REVIEWED, NOTHING, FAILED, REFUNDED = ACTIONS = (
    "settled",
    "closed",
    "kept",
    "reviewed",
    "nothing",
    "failed",
    "refunded",
)
"""Settled as the provider says; closed there; an event put into the inbox; given to an operator to decide;
nothing that could be done; an attempt that failed; given back, because an operator said so.
"""

_ASKING = UNANSWERED_PAYMENTS, UNANSWERED_REFUNDS = ("unanswered_payments", "unanswered_refunds")
# Events last: what the objects have healed already is nothing new to them.
_LISTS = (INTENTS, SESSIONS, REFUNDS, DISPUTES, EVENTS)
UNFINISHED_DISPUTES = "unfinished_disputes"
"""A dispute takes months, and Stripe lists it by when it began."""
STAGES: dict[str, tuple[str, ...]] = {
    OPEN: _ASKING,
    RECENT: _LISTS,
    DEEP: (*_LISTS, UNFINISHED_DISPUTES),
    MANUAL: (*_ASKING, *_LISTS, UNFINISHED_DISPUTES),
}
"""What a run of each kind looks through, in this order."""
