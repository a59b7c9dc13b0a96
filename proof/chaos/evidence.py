from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from proof.chaos.clients.history import Call, read_calls, read_failures
from proof.chaos.faults.kind import Scene
from proof.chaos.phases import Course
from proof.chaos.watch import Seen
from sandbox.mail.inbox import Inbox, Summary

_MOST_MAILS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run leaves to be judged: the shop's database at rest, Stripe's books, the caught mail, and
    what the clients were told, what they could make nothing of, what the watch saw, and when.
    """

    database_url: str
    longest_hold: timedelta
    books: dict[str, Any]
    inbox: Sequence[Summary]
    calls: Sequence[Call]
    failures: Sequence[str]
    seen: Seen
    course: Course


def gathered(scene: Scene, course: Course, seen: Seen, longest_hold: timedelta) -> Evidence:
    """What is there now."""
    shop = scene.shop
    history = shop.folder / "history.jsonl"
    return Evidence(
        database_url=shop.embedded.postgres.url,
        longest_hold=longest_hold,
        books=scene.order_stripe("books", "GET"),
        inbox=Inbox(shop.embedded.mail_dir).newest(_MOST_MAILS),
        calls=read_calls(history),
        failures=read_failures(history),
        seen=seen,
        course=course,
    )
