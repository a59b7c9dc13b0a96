import time


def now() -> float:
    """Seconds since the epoch on the stand-in's clock; every moment in its books comes from here."""
    return time.time()


def timestamp() -> int:
    """The clock in whole seconds, as Stripe's objects show it."""
    return int(now())


def month() -> tuple[int, int]:
    """The present year and month, UTC."""
    today = time.gmtime(now())
    return today.tm_year, today.tm_mon
