"""Moving the stand-in's clock forward, on demand, so that tests need not wait for a day."""

from sandbox.stripe import clock, idempotency
from sandbox.stripe.books import Books, Json, Ledger
from sandbox.stripe.errors import malformed

LONGEST_SECONDS = 10 * 366 * 24 * 3600


def restore(books: Books) -> None:
    """Put the clock where the books say that it was."""
    with books.transaction() as ledger:
        row = ledger.execute("SELECT value FROM modes WHERE name = 'clock'").fetchone()
    clock.Lead.seconds = float(row["value"]) if row else 0.0


def advance(ledger: Ledger, seconds: float) -> None:
    """Move the clock forward: what falls due by it happens now. Raises Refusal for any other direction."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise malformed("The clock moves forward only.", param="advance_seconds")
    ahead = clock.Lead.seconds + seconds
    if ahead > LONGEST_SECONDS:
        raise malformed("The clock goes ten years ahead at most.", param="advance_seconds")
    ledger.execute("INSERT OR REPLACE INTO modes VALUES ('clock', ?)", (str(ahead),))
    clock.Lead.seconds = ahead
    idempotency.prune(ledger)
    ledger.news = True


def shown() -> Json:
    """The clock's time, and how far ahead of the machine's it is."""
    return {"now": clock.timestamp(), "ahead_seconds": clock.Lead.seconds}
