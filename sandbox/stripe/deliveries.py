"""The ledger of webhooks: one row for each copy of an event that must reach the shop."""

import json
import random
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from sandbox.stripe import clock, endpoints
from sandbox.stripe.books import Json, Ledger

GIVE_UP_SECONDS = 3 * 24 * 3600
LONGEST_GAP_SECONDS = 60.0


@dataclass(frozen=True)
class Mode:
    """How webhooks are treated, on demand.

    hold: nothing is sent until it is let go; what happens meanwhile waits. drop: events that happen now are
    never sent. copies: how often each is sent, possibly at once. delay_seconds: how long each waits first.
    shuffle: due ones go in random order, and each waits a random part of the delay. drop_share, copy_share:
    only so many of the events are dropped or copied, by chance.
    """

    hold: bool = False
    drop: bool = False
    copies: int = 1
    delay_seconds: float = 0
    shuffle: bool = False
    drop_share: float = 1
    copy_share: float = 1

    def __post_init__(self) -> None:
        """Refuse what could never happen; raises ValueError."""
        if self.copies < 1 or self.delay_seconds < 0:
            raise ValueError("copies goes from 1, delay_seconds from 0.")
        if not (0 < self.drop_share <= 1 and 0 < self.copy_share <= 1):
            raise ValueError("drop_share and copy_share are above 0, at most 1.")

    def befalling(self) -> "Mode":
        """The mode with its dice cast, for one event."""
        drop = self.drop and random.random() < self.drop_share  # noqa: S311  # disorder, not secrecy
        copied = random.random() < self.copy_share  # noqa: S311  # the same
        return replace(self, drop=drop, copies=self.copies if copied else 1)


class Due(NamedTuple):
    """A delivery to send: its own id, the event's, and the endpoint's (None: that of the settings)."""

    id: int
    event_id: str
    endpoint: str | None


def mode(ledger: Ledger) -> Mode:
    """The mode in force; it survives a restart."""
    row = ledger.execute("SELECT value FROM modes WHERE name = 'webhooks'").fetchone()
    return Mode(**json.loads(row["value"])) if row else Mode()


def set_mode(ledger: Ledger, wanted: Mode) -> None:
    """Put a mode in force for what happens from now on; letting go of held webhooks sends them."""
    ledger.execute("INSERT OR REPLACE INTO modes VALUES ('webhooks', ?)", (json.dumps(asdict(wanted)),))
    ledger.news = True


def owe(ledger: Ledger, event: Json, *, copies: int | None = None) -> None:
    """Enter an event's deliveries to all who want it, as the mode says, or so many copies of it at once."""
    ordered = Mode(copies=copies) if copies else mode(ledger).befalling()
    for endpoint in endpoints.wanting(ledger, event["type"]):
        for _ in range(ordered.copies):
            _enter(ledger, event["id"], endpoint, ordered)
    ledger.news = True


def _enter(ledger: Ledger, event_id: str, endpoint: str | None, ordered: Mode) -> None:
    moment = clock.now()
    part = random.random() if ordered.shuffle else 1  # noqa: S311  # disorder, not secrecy
    state = "dropped" if ordered.drop else "pending"
    row = (event_id, endpoint, state, moment, moment + ordered.delay_seconds * part)
    statement = "INSERT INTO deliveries (event, endpoint, state, created_at, next_at) VALUES (?, ?, ?, ?, ?)"
    ledger.execute(statement, row)


def pending(ledger: Ledger, event_id: str) -> int:
    """How many deliveries of an event are still owed."""
    statement = "SELECT count(*) FROM deliveries WHERE event = ? AND state = 'pending'"
    return int(ledger.execute(statement, (event_id,)).fetchone()[0])


def due(ledger: Ledger, busy: Collection[int], most: int) -> list[Due]:
    """Up to so many deliveries to send now, without those that are being sent."""
    ordered = mode(ledger)
    if ordered.hold or most <= 0:
        return []
    statement = (
        "SELECT id, event, endpoint FROM deliveries WHERE state = 'pending' AND next_at <= ?"
        " AND id NOT IN (SELECT value FROM json_each(?))"
        " ORDER BY CASE WHEN ? THEN random() ELSE next_at END LIMIT ?"
    )
    values = (clock.now(), json.dumps(list(busy)), ordered.shuffle, most)
    return [Due(*row) for row in ledger.execute(statement, values)]


def next_due(ledger: Ledger, busy: Collection[int]) -> float | None:
    """When the next delivery is due; None while nothing waits, or all is held."""
    statement = (
        "SELECT min(next_at) FROM deliveries WHERE state = 'pending'"
        " AND id NOT IN (SELECT value FROM json_each(?))"
    )
    found: float | None = ledger.execute(statement, (json.dumps(list(busy)),)).fetchone()[0]
    return None if mode(ledger).hold else found


def drop(ledger: Ledger, delivery_id: int) -> None:
    """Never send it: its endpoint is gone."""
    ledger.execute("UPDATE deliveries SET state = 'dropped' WHERE id = ?", (delivery_id,))


def arrived(ledger: Ledger, delivery_id: int, status: int) -> None:
    """The shop took it."""
    statement = (
        "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, last_status = ?,"
        " last_error = NULL, delivered_at = ? WHERE id = ?"
    )
    ledger.execute(statement, (status, clock.now(), delivery_id))


def missed(ledger: Ledger, delivery_id: int, status: int | None, error: str, *, first_gap: float) -> None:
    """The shop did not take it: try again after a gap that doubles each time, for three days."""
    statement = "SELECT attempts, created_at FROM deliveries WHERE id = ?"
    row = ledger.execute(statement, (delivery_id,)).fetchone()
    if row is None:  # the books were emptied meanwhile
        return
    moment = clock.now()
    gap = min(LONGEST_GAP_SECONDS, first_gap * 2 ** min(row["attempts"], 30))
    state = "failed" if row["created_at"] < moment - GIVE_UP_SECONDS else "pending"
    statement = (
        "UPDATE deliveries SET state = ?, attempts = attempts + 1, last_status = ?, last_error = ?,"
        " next_at = ? WHERE id = ?"
    )
    ledger.execute(statement, (state, status, error, moment + gap, delivery_id))


def of_event(ledger: Ledger, event_id: str) -> list[Json]:
    """The deliveries of one event, oldest first."""
    rows = ledger.execute("SELECT * FROM deliveries WHERE event = ? ORDER BY id", (event_id,))
    return [dict(row) for row in rows]


def everything(ledger: Ledger) -> list[Json]:
    """All deliveries, oldest first."""
    return [dict(row) for row in ledger.execute("SELECT * FROM deliveries ORDER BY id")]
