"""Whether this process should get requests, and what is wrong in the house even if it should."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from app.ops.services import probes
from app.ops.services.probes import DEGRADED, FAILED, OK, Check
from app.platform import clock

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

Checks = dict[str, Check]
PATIENCE_SECONDS = 1.5
KEPT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found, by name."""

    checks: Mapping[str, Check]

    @property
    def status(self) -> str:
        """That of the worst check. `failed`: this API can serve nothing; `degraded` costs time only."""
        worst = {each.status for each in self.checks.values()}
        return next((status for status in (FAILED, DEGRADED) if status in worst), OK)


class Prober:
    """Looks at everything that the shop stands on, within two seconds whatever hangs.

    `jobs`: the period of each scheduled job. A probe that hangs keeps one thread: the next look starts no
    other, and tells that it hangs. Anybody may ask, as often as they like: so one look serves all who ask
    within a second, and whoever asks during one is told what the one before found.
    """

    def __init__(self, settings: "Settings", jobs: Mapping[str, timedelta]) -> None:
        limit, since = settings.monitoring.overdue_limit, clock.now()
        ca_file = settings.transport.tls_ca_file
        self._probes: dict[str, Callable[[], Checks]] = {
            "database": lambda: probes.database(jobs, overdue_limit=limit, since=since),
            "broker": lambda: {"broker": probes.redis(settings.celery_broker_url, ca_file=ca_file)},
            "cache": lambda: {"cache": probes.redis(settings.redis_url, ca_file=ca_file)},
        }
        self._threads = ThreadPoolExecutor(len(self._probes), thread_name_prefix="ready")
        self._running: dict[str, Future[Checks]] = {}
        self._looking = Lock()
        self._last: Readiness | None = None
        self._looked_at = 0.0

    def look(self) -> Readiness:
        """How everything is now, or was a moment ago."""
        last = self._last
        if not self._looking.acquire(blocking=last is None) and last:
            return last
        try:
            if self._last is None or time.monotonic() >= self._looked_at + KEPT_SECONDS:
                self._last, self._looked_at = self._look(), time.monotonic()
            return self._last
        finally:
            self._looking.release()

    def _look(self) -> Readiness:
        running = {name: self._begin(name) for name in self._probes}
        wait(running.values(), timeout=PATIENCE_SECONDS)
        checks: Checks = {}
        for name, probe in running.items():
            checks |= _found(name, probe)
        return Readiness(checks)

    def _begin(self, name: str) -> Future[Checks]:
        probe = self._running.get(name)
        if probe is None or probe.done():
            probe = self._running[name] = self._threads.submit(self._probes[name])
        return probe


def _found(name: str, probe: Future[Checks]) -> Checks:
    status = FAILED if name == "database" else DEGRADED
    if not probe.done():
        return {name: Check(status, {"reason": "TimeoutError"})}
    error = probe.exception()
    return {name: Check(status, {"reason": type(error).__name__})} if error else probe.result()
