"""One thread per pool child that renews the leases of work which takes long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.events.claims import Claim
from app.platform.db import transaction
from app.platform.logging import get_logger

log = get_logger("tasks.heartbeat")


@dataclass(frozen=True, slots=True)
class _Watched:
    claim: Claim
    from_: float
    until: float


_lock = threading.Lock()
_watched: dict[int, _Watched] = {}


def start(lease: timedelta) -> None:
    """Begin to renew what is watched. Call it once per process, after the fork."""
    threading.Thread(target=_renew_for_ever, args=(lease,), name="heartbeat", daemon=True).start()


@contextmanager
def watched(claim: Claim, *, lease: timedelta, time_limit: int) -> Iterator[None]:
    """Renew the claim's lease from a third of it on, until the block ends or the task's limit is reached."""
    now = time.monotonic()
    third = lease.total_seconds() / 3
    with _lock:
        _watched[claim.delivery.id] = _Watched(claim, now + third, now + time_limit)
    try:
        yield
    finally:
        with _lock:
            mine = _watched.get(claim.delivery.id)
            if mine is not None and mine.claim is claim:  # else another thread has taken the work over
                del _watched[claim.delivery.id]


def _renew_for_ever(lease: timedelta) -> None:
    while True:
        time.sleep(lease.total_seconds() / 6)
        for each in _due():
            try:
                with transaction() as session:
                    each.claim.renew(session, lease)
            except Exception as error:  # the database is away; the next beat tries again
                log.warning("heartbeat_missed", reason=type(error).__name__)


def _due() -> list[_Watched]:
    now = time.monotonic()
    with _lock:
        return [each for each in _watched.values() if each.from_ <= now < each.until]
