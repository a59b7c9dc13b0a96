"""Putting work off: not a try, and no failure."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Interval, Select, bindparam, func
from sqlalchemy.orm import Session

from app.events import attempts
from app.events.claims import Claim, ending
from app.events.models import DeliveryRecord
from app.platform.db import table_of

_D = table_of(DeliveryRecord).c


class Postponed(Exception):
    """The work is to be done, but not before `pause` is over: whoever is called outside said so, say.

    `called`: somebody was called outside, which is seen among the attempts.
    """

    def __init__(self, pause: timedelta, *, called: bool) -> None:
        super().__init__(f"for {pause.total_seconds():.0f} s")
        self.pause, self.called = pause, called


def postpone(session: Session, held: Claim, pause: timedelta, *, called: bool) -> None:
    """Put a delivery back, due after `pause`, as if nobody had tried. A stale token changes nothing.

    Its attempt stays only when somebody was `called`: what waits for days is claimed hundreds of times.
    """
    mine = {"claimed": held.delivery.id, "held_token": held.token}
    session.execute(_postponing(called=called), mine | {"pause": pause})


@cache
def _postponing(*, called: bool) -> Select[Any]:
    next_try = func.now() + bindparam("pause", type_=Interval)
    values = {
        "state": "pending",
        "attempts": _D.attempts - 1,
        "lease_until": None,
        "run_after": next_try,
        "ring_after": next_try,
    }
    return ending(values, attempts.HANDED_OVER if called else None)
