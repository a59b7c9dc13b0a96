"""The page that Prometheus reads: what all processes counted, and what the database says now."""

import time
from collections.abc import Callable, Iterable, Iterator
from secrets import compare_digest
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.events.subscriptions import QUEUES
from app.ops.queries import backlog
from app.platform.db import transaction
from app.platform.errors import NotAuthenticated, NotFound
from app.platform.logging import get_logger
from app.platform.version import VERSION

log = get_logger("app.ops")

Group = Callable[[Session], Iterator[Metric]]
STATES = ("pending", "running", "dead")
KEPT_SECONDS = 2.0
STATEMENT_MILLISECONDS = 1000


def check_reader(authorization: str, token: str | None, *, is_open: bool) -> None:
    """Let in who has the token, by the header that came; without a token all where it `is_open`, else nobody.

    Raises NotFound and NotAuthenticated.
    """
    if token is None and not is_open:
        raise NotFound("There is nothing at this address.")
    given = authorization.removeprefix("Bearer ")
    if token is not None and not compare_digest(given.encode(), token.encode()):
        raise NotAuthenticated("The metrics need the bearer token of METRICS_TOKEN.")


def page(*collectors: Collector) -> bytes:
    """The metrics of these collectors as text."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    return generate_latest(registry)


class DatabaseCollector:
    """What stands in the database; asked at most every two seconds, however many ask for the page."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: list[Metric] = []
        self._until = -1.0

    def collect(self) -> Iterable[Metric]:
        """Version, backlog and scheduled jobs; without the latter two while the database is away."""
        if self._monotonic() > self._until:
            self._known = list(_measured())
            self._until = self._monotonic() + KEPT_SECONDS
        return self._known

    def forget(self) -> None:
        """Ask anew at the next call."""
        self._until = -1.0


def _measured() -> Iterator[Metric]:
    yield _gauge("backroom_info", "What runs here", ["version"], {(VERSION,): 1})
    found: list[list[Metric] | None]
    try:
        with transaction() as session:
            backlog.limit_time(session, milliseconds=STATEMENT_MILLISECONDS)
            found = [_asked(session, group) for group in _GROUPS]
    except SQLAlchemyError as error:
        log.warning("backlog_unknown", reason=type(error).__name__)
        found = [None]
    up = 0 if None in found else 1
    yield _gauge("backroom_database_up", "Whether all of the backlog could be read", [], {(): up})
    yield from (metric for group in found for metric in group or ())


def _asked(session: Session, group: Group) -> list[Metric] | None:
    """None for what cannot be told, or not in time: the others are."""
    try:
        with session.begin_nested():
            return list(group(session))
    except SQLAlchemyError as error:
        log.warning("backlog_unknown", group=group.__name__.strip("_"), reason=type(error).__name__)
        return None


def _deliveries(session: Session) -> Iterator[Metric]:
    backlogs, dead = backlog.backlogs(session), backlog.dead(session)
    states: dict[tuple[str, ...], float] = {(queue, state): 0 for queue in QUEUES for state in STATES}
    states |= {(each.queue, "pending"): each.pending for each in backlogs}
    states |= {(each.queue, "running"): each.running for each in backlogs}
    states |= {(queue, "dead"): count for queue, count in dead.items()}
    yield _gauge("backroom_deliveries_open", "Deliveries by state", ["queue", "state"], states)
    none = {(queue,): 0.0 for queue in QUEUES}
    overdue = none | {(each.queue,): float(each.overdue) for each in backlogs}
    yield _gauge("backroom_deliveries_overdue", "Due and not taken", ["queue"], overdue)
    oldest = none | {(each.queue,): each.oldest for each in backlogs}
    yield _gauge("backroom_deliveries_oldest_overdue_seconds", "Age of the oldest overdue", ["queue"], oldest)
    alarming = none | {(each.queue,): float(each.alarming) for each in backlogs}
    yield _gauge("backroom_deliveries_alarming", "Open after too many tries", ["queue"], alarming)


def _webhooks(session: Session) -> Iterator[Metric]:
    waiting, oldest = backlog.webhooks_waiting(session)
    yield _gauge("backroom_webhook_messages_waiting", "To third parties", [], {(): waiting})
    yield _gauge("backroom_webhook_messages_oldest_seconds", "Age of the oldest", [], {(): oldest})


def _jobs(session: Session) -> Iterator[Metric]:
    successes = backlog.last_successes(session)
    moments = {(name,): moment.timestamp() for name, moment in successes.items()}
    yield _gauge("backroom_job_last_success_timestamp_seconds", "Of each scheduled job", ["job"], moments)


def _invariants(session: Session) -> Iterator[Metric]:
    broken = {(invariant,): float(count) for invariant, count in backlog.violations(session).items()}
    yield _gauge("backroom_invariant_violations", "Found by the last examination", ["invariant"], broken)


def _for_people(session: Session) -> Iterator[Metric]:
    """The money that waits until somebody decides, or does something by hand."""
    reviews, oldest_review = backlog.open_reviews(session)
    yield _gauge("backroom_payment_reviews_open", "Wait for a decision", [], {(): reviews})
    yield _gauge("backroom_payment_reviews_oldest_seconds", "Age of the oldest", [], {(): oldest_review})
    failed = backlog.failed_refunds(session)
    yield _gauge("backroom_refunds_failed", "Failed, and not owed anew", [], {(): failed})
    dropped = backlog.dropped_refunds(session)
    yield _gauge("backroom_refunds_dropped", "Owed, and nobody sends them", [], {(): dropped})
    owed, oldest_owed = backlog.refunds_to_pay_out(session)
    yield _gauge("backroom_refunds_to_pay_out", "Of bank transfers, by hand", [], {(): owed})
    yield _gauge("backroom_refunds_to_pay_out_oldest_seconds", "Age of the oldest", [], {(): oldest_owed})


_GROUPS: tuple[Group, ...] = (_deliveries, _webhooks, _for_people, _jobs, _invariants)


def _gauge(name: str, text: str, labels: list[str], samples: dict[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in samples.items():
        family.add_metric(values, number)
    return family
