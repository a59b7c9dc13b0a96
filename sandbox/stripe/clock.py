"""The stand-in's clock: that of the machine, and as far ahead of it as somebody moved it."""

import time


class Lead:
    """How far ahead the clock is in this process; the books keep it across a restart."""

    seconds = 0.0


def now() -> float:
    """Seconds since the epoch on the stand-in's clock; every moment in its books comes from here."""
    return time.time() + Lead.seconds


def timestamp() -> int:
    """The clock in whole seconds, as Stripe's objects show it."""
    return int(now())


def month() -> tuple[int, int]:
    """The present year and month, UTC."""
    today = time.gmtime(now())
    return today.tm_year, today.tm_mon
