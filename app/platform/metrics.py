"""Numbers about the work of every process, for Prometheus. What each means stands in docs/operations.md.

Labels are few and of closed sets: route templates, names of consumers and queues, codes. Every metric has
one, because a value without labels would exist from the import on, before `start()` said where to keep it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, QueuePool, event

from app.platform.seats import Seats

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds, for what somebody waits for."""
SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Seconds, for what nobody waits for."""

REQUESTS = Counter("backroom_http_requests", "Answers of the API", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "backroom_http_request_seconds", "From request to answer", ["method", "route"], buckets=QUICK
)
IN_PROGRESS = Gauge(
    "backroom_http_requests_in_progress",
    "Requests without an answer yet",
    ["method"],
    multiprocess_mode="livesum",
)
PROBLEMS = Counter("backroom_problems", "Refusals by problem code", ["route", "code"])
PROCESSES = Gauge("backroom_processes", "Living processes", ["role"], multiprocess_mode="livesum")
CONNECTIONS = Gauge(
    "backroom_database_connections_in_use",
    "Connections that work uses",
    ["role"],
    multiprocess_mode="livesum",
)
BREAKER_OPEN = Gauge(
    "backroom_breaker_open",
    "Processes that stopped trying for a while",
    ["breaker"],
    multiprocess_mode="livesum",
)


class _SummedUp:
    """The metrics of all processes that share the folder."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats

    def collect(self) -> Iterable[Metric]:
        """Sums over the processes; gauges over the living ones."""
        merged: Iterable[Metric] = MultiProcessCollector.merge(self._seats.files())
        return merged


_started: list[Collector] = []


def start(folder: Path | None, *, role: str) -> None:
    """Begin to count, in a folder that all processes share (None: this process for itself).

    Call it before the first count; calling it again changes nothing. `role` is api or worker.
    """
    if not _started:
        disable_created_metrics()
        _started.append(_share(folder) if folder else REGISTRY)
        PROCESSES.labels(role).set(1)


def _share(folder: Path) -> Collector:
    seats = Seats(folder)
    # The library's own files are named by process id: they pile up, and a killed one stays.
    values.ValueClass = values.MultiProcessValue(process_identifier=seats.mine)
    return _SummedUp(seats)


def collector(folder: Path | None) -> Collector:
    """What all processes counted so far, for whoever shows it; it needs no `start()`."""
    return _SummedUp(Seats(folder)) if folder else REGISTRY


def watch_pool(engine: Engine, *, role: str) -> None:
    """Show how many of the engine's connections are in use."""
    in_use, pool = CONNECTIONS.labels(role), engine.pool
    if not isinstance(pool, QueuePool):
        return

    # Set, not counted up and down: a lost connection is given back without having been taken.
    @event.listens_for(engine, "checkout")
    def taken(*_: Any) -> None:
        in_use.set(pool.checkedout())

    @event.listens_for(engine, "checkin")
    def given_back(*_: Any) -> None:
        in_use.set(max(0, pool.checkedout() - 1))  # it is given back after this call
