"""What became of something that the provider has said."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an observation. STRAY: nobody waits for the object, yet it can take money.

    UNMATCHED: it names something of ours that is not here. IGNORED: it names nothing of ours.
    """

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    UNMATCHED = "unmatched"
    STRAY = "stray"
    IGNORED = "ignored"
