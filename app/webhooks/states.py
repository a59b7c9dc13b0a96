"""The states of endpoints and their messages, and when a message is tried again, as data."""

from datetime import timedelta

ENABLED, DISABLED, REMOVED = ENDPOINT_STATES = ("enabled", "disabled", "removed")
"""Of a removed one only the row is left, until its messages are forgotten."""
OWNER, GONE, FAILING, OWNER_GONE = DISABLED_REASONS = ("owner", "gone", "failing", "owner_gone")
"""By its owner; answered 410; failed for days; its key or seller opens nothing any more."""

WAITING, SENT, GIVEN_UP = MESSAGE_STATES = ("waiting", "sent", "given_up")

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=18),
    timedelta(hours=22),
)
"""Between the tries of a message: eleven of them within three days."""
JITTER = 0.1
"""Each pause is so much shorter or longer at most, so that what failed together does not come together."""
PATIENCE = timedelta(days=3)
"""How long a message is tried, and how long an endpoint may fail before it is disabled."""
LONGEST_RETRY_AFTER = timedelta(days=1)
"""A receiver that asks for more is asked again after this."""
LONGEST_BRAKE = timedelta(minutes=5)
"""How long nothing at all is sent to an endpoint that does not answer, or is overloaded."""


def brake(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row, the last one included."""
    return min(LONGEST_BRAKE, timedelta(seconds=2 ** min(failures, 16)))
