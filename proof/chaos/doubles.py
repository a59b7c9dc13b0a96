"""Why a mail was caught more than once, as far as the attempts to send it tell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from sandbox.mail.inbox import Summary

ANSWER_LOST, WORKER_LOST, NOTE_LOST, NO_REASON = (
    "copies as the mail server's answer was lost",
    "copies as the worker was killed or frozen",
    "copies as the database took no note",
    "copies for no known reason",
)
_ATTEMPTS = text(
    """
    SELECT message.message_id, attempt.started_at, attempt.outcome, coalesce(attempt.error, '') AS error
    FROM messages message
    JOIN events event ON event.payload ->> 'order_id' = message.order_id::text
      AND (message.refund_id IS NULL OR event.payload ->> 'refund_id' = message.refund_id::text)
    JOIN deliveries delivery ON delivery.event_id = event.id
      AND delivery.consumer = 'notifications.' || message.kind
    JOIN delivery_attempts attempt ON attempt.delivery_id = delivery.id
    WHERE message.message_id = ANY(:doubled) ORDER BY attempt.started_at
    """
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a mail, and how it ended as the shop knows it."""

    message_id: str
    started_at: datetime
    outcome: str | None
    error: str


def reasons(session: Session, inbox: Iterable[Summary]) -> dict[str, int]:
    """How many copies too many there are, by the reason for them."""
    copies = defaultdict[str, list[datetime]](list)
    for mail in inbox:
        copies[mail.message_id].append(mail.received_at)
    doubled = {name: sorted(times) for name, times in copies.items() if len(times) > 1}
    attempts = defaultdict[str, list[Attempt]](list)
    for row in session.execute(_ATTEMPTS, {"doubled": list(doubled)}):
        attempts[row.message_id].append(Attempt(*row))
    found = Counter(dict.fromkeys((ANSWER_LOST, WORKER_LOST, NOTE_LOST, NO_REASON), 0))
    for name, times in doubled.items():
        found.update(_too_many(times, attempts[name]))
    return dict(found)


def _too_many(times: Sequence[datetime], attempts: Sequence[Attempt]) -> list[str]:
    """The reason of each copy but the one that had to be."""
    made = [[each for each in attempts if each.started_at <= time][-1:] for time in times]
    found = sorted((_reason(each) for each in made), key=lambda reason: reason == NO_REASON)
    return found[: len(times) - 1]


def _reason(made: Sequence[Attempt]) -> str:
    if not made or made[0].outcome == "done":
        return NO_REASON
    if made[0].outcome != "failed":
        return WORKER_LOST
    return ANSWER_LOST if made[0].error.startswith("Deferred") else NOTE_LOST
