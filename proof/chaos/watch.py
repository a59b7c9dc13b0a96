import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.ops.services import doctor

_NOW = text(
    "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM orders WHERE status = 'pending'),"
    " (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'running'))"
)
_EVERY_SECONDS = 1.0
_REST = 19  # times as long as a look took: with many orders the doctor must not be most of the load


@dataclass(slots=True)
class Seen:
    """What the watch knows: orders placed, those still pending, and unfinished deliveries now and at most.

    `broken` are the invariants that did not hold at some moment, each with the names of what broke it then.
    """

    orders: int = 0
    pending: int = 0
    depth: int = 0
    peak_depth: int = 0
    examinations: int = 0
    broken: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Watch:
    """Looks at the database every second, as the process's engine reaches it: how much there is, and, less
    often the more there is, whether what must hold at every moment does.
    """

    def __init__(self, longest_hold: timedelta) -> None:
        self.seen = Seen()
        self.longest_hold = longest_hold
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._enough.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        examined_at = rest = 0.0
        while not self._enough.wait(_EVERY_SECONDS):
            try:
                with doctor.snapshot() as session:
                    self._count(session)
                    began = time.monotonic()
                    if began >= examined_at + rest:
                        self._examine(session)
                        examined_at = time.monotonic()
                        rest = _REST * (examined_at - began)
            except (DataError, ProgrammingError) as mistake:
                self.seen.broken.setdefault("What the watch asks can be answered.", (str(mistake),))
            except (DBAPIError, PoolTimeout):  # down, as it should be now and then
                continue

    def _count(self, session: Session) -> None:
        seen = self.seen
        seen.orders, seen.pending, seen.depth = session.execute(_NOW).one()
        seen.peak_depth = max(seen.peak_depth, seen.depth)

    def _examine(self, session: Session) -> None:
        found = doctor.broken(doctor.examine(session, longest_hold=self.longest_hold))
        for each in found:
            self.seen.broken.setdefault(f"{each.invariant.id} {each.invariant.sentence}", each.examples)
        self.seen.examinations += 1
