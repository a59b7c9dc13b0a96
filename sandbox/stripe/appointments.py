"""What must happen later by itself, kept in the books: a bank's answer now; expiries when they come."""

from collections.abc import Callable

from sandbox.stripe import clock
from sandbox.stripe.books import Ledger

Action = Callable[[Ledger, str], None]


def make(ledger: Ledger, action: str, subject: str, *, seconds: float) -> None:
    """Let an action happen to a subject after so many seconds, also across a restart."""
    row = (clock.now() + seconds, action, subject)
    ledger.execute("INSERT INTO appointments (at, action, subject) VALUES (?, ?, ?)", row)
    ledger.news = True


def keep(ledger: Ledger, actions: dict[str, Action]) -> None:
    """Do everything that is due."""
    rows = ledger.execute("SELECT * FROM appointments WHERE at <= ? ORDER BY at", (clock.now(),)).fetchall()
    for row in rows:
        actions[row["action"]](ledger, row["subject"])
        ledger.execute("DELETE FROM appointments WHERE id = ?", (row["id"],))


def next_at(ledger: Ledger) -> float | None:
    """When the next one is due."""
    found: float | None = ledger.execute("SELECT min(at) FROM appointments").fetchone()[0]
    return found
