"""Looking at one thing each, without waiting long for it. Facts name no hosts and quote no errors."""

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.ops.queries import backlog
from app.platform.db import now, transaction
from app.platform.redis_server import impatient

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
REDIS_SECONDS = 0.5
JOB_GRACE = timedelta(seconds=60)
"""How much later than twice its period a job may be."""
STATEMENT_MILLISECONDS = 1000
COUNTING_MILLISECONDS = 500
"""How long one may count what is behind: the more there is, the longer it takes."""
MIGRATIONS = Path(__file__).parents[3] / "migrations"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `facts` say how far it is from well."""

    status: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def database(jobs: Mapping[str, timedelta], *, overdue_limit: timedelta, since: datetime) -> dict[str, Check]:
    """The database, and what it knows of schema, backlog and scheduled jobs.

    `jobs` are the periods by name; one that never succeeded is late from `since` on. What cannot be counted
    in time is degraded. Raises when the database does not answer.
    """
    with transaction() as session:
        backlog.limit_time(session, milliseconds=STATEMENT_MILLISECONDS)
        checks = {"database": Check(OK), "schema": _schema(backlog.revisions(session))}
        if checks["schema"].status != FAILED:
            backlog.limit_time(session, milliseconds=COUNTING_MILLISECONDS)
            checks |= _counted(session, ["deliveries"], lambda: _deliveries(session, overdue_limit))
            checks |= _counted(session, map(_check_of, jobs), lambda: _jobs(session, jobs, since))
        return checks


def redis(url: str, *, ca_file: Path | None) -> Check:
    """Whether a Redis answers; it costs speed only when it does not. Other brokers are asked to connect."""
    try:
        if url.startswith(("redis://", "rediss://")):
            _ping(url, ca_file)
        else:
            parts = urlsplit(url)
            socket.create_connection((parts.hostname or "", parts.port or 5672), REDIS_SECONDS).close()
    except Exception as error:  # whatever is wrong with it, it is away
        return Check(DEGRADED, {"reason": type(error).__name__})
    return Check(OK)


def _ping(url: str, ca_file: Path | None) -> None:
    with impatient(url, seconds=REDIS_SECONDS, ca_file=ca_file) as server:
        server.ping()


def _schema(found: set[str]) -> Check:
    """A database ahead of this code is fine: migrations suit the release before them. One behind is not."""
    (head,) = _history().get_heads()
    facts = {"expected": head, "found": sorted(found)}
    if found == {head}:
        return Check(OK, facts)
    known = {script.revision for script in _history().walk_revisions()}
    return Check(DEGRADED if found and not found & known else FAILED, facts)


@cache
def _history() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _counted(
    session: Session, names: Iterable[str], count: Callable[[], dict[str, Check]]
) -> dict[str, Check]:
    try:
        with session.begin_nested():
            return count()
    except SQLAlchemyError as error:
        reason = type(getattr(error, "orig", error)).__name__
        return dict.fromkeys(names, Check(DEGRADED, {"reason": reason}))


def _deliveries(session: Session, limit: timedelta) -> dict[str, Check]:
    oldest = max((each.oldest for each in backlog.backlogs(session)), default=0.0)
    late = oldest > limit.total_seconds()
    return {"deliveries": Check(DEGRADED if late else OK, {"oldest_overdue_seconds": round(oldest, 1)})}


def _jobs(session: Session, jobs: Mapping[str, timedelta], since: datetime) -> dict[str, Check]:
    present, successes = now(session), backlog.last_successes(session)
    return {
        _check_of(name): _job(present, successes.get(name), period=period, since=since)
        for name, period in jobs.items()
    }


def _check_of(job: str) -> str:
    return f"job {job}"


def _job(present: datetime, success: datetime | None, *, period: timedelta, since: datetime) -> Check:
    late = present - (success or since) > 2 * period + JOB_GRACE
    ago = None if success is None else round((present - success).total_seconds(), 1)
    return Check(DEGRADED if late else OK, {"seconds_since_success": ago})
