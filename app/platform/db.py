"""The database: one engine per process, one transaction per request or task, locks through one helper."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import (
    CHAR,
    BigInteger,
    DateTime,
    Engine,
    ExceptionContext,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.platform import context

if TYPE_CHECKING:  # only for the hint
    from config import Settings

Amount = Annotated[int, mapped_column(BigInteger)]
"""Minor units of the row's currency."""
Currency = Annotated[str, mapped_column(CHAR(3))]
Json = dict[str, Any]
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])

APPLICATION_NAME = "backroom"
"""By which PostgreSQL tells the shop's connections from those of other programs."""

TRUSTED_SECONDS = 1.0
"""How long an idle connection is used without asking whether it lives."""

_AWAY = (psycopg.errors.IdleInTransactionSessionTimeout, psycopg.errors.ReadOnlySqlTransaction)

SessionFactory = sessionmaker(expire_on_commit=False)
_after_commit: dict[str, Callable[[Session], None]] = {}


class Base(DeclarativeBase):
    """Parent of every table's model. Constraints get their names by one pattern, for migrations to use."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        UUID: Uuid(),
        str: Text(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


def start_engine(settings: "Settings") -> Engine:
    """Bind sessions to a new engine. Call it once per process, after the fork: sockets must not cross one."""
    limits = {
        "statement_timeout": settings.statement_timeout,
        "lock_timeout": settings.lock_timeout,
        "idle_in_transaction_session_timeout": settings.idle_in_transaction_timeout,
    }
    options = " ".join(f"-c {name}={int(limit.total_seconds() * 1000)}" for name, limit in limits.items())
    options += f" {searching(settings.search_language)}"
    engine = create_engine(
        settings.database_url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text reaches logs, and parameters are personal data
        json_serializer=lambda value: orjson.dumps(value, default=_in_digits).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "options": f"{options} -c timezone=UTC",
            "application_name": APPLICATION_NAME,
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "tcp_user_timeout": 10_000,
            **encryption(settings),
        },
    )
    event.listen(engine, "checkin", _note_idle)
    event.listen(engine, "checkout", _check_alive)
    event.listen(engine, "handle_error", _call_away, retval=True)
    SessionFactory.configure(bind=engine)
    return engine


def _in_digits(value: Any) -> str:
    """A decimal as PostgreSQL reads it, none of its digits lost."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _note_idle(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _check_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask whether an idle connection lives before it is used; to ask each time is a tenth of a short request.

    One that died within the last second fails its first statement, as one that dies a moment later does.
    """
    idle = time.monotonic() - record.info.get("idle_since", time.monotonic())
    if idle > TRUSTED_SECONDS and not _answers(connection):
        raise InvalidatePoolError


def _answers(connection: Any) -> bool:
    try:
        return bool(_engine().dialect.do_ping(connection))
    except psycopg.Error:
        return False


def _call_away(failed: ExceptionContext) -> OperationalError | None:
    """Of what the driver calls internal, an OperationalError like all others of a database that is away.

    A transaction that PostgreSQL ended by its limit, or whose database only reads by now, is to be repeated.
    """
    known, cause = failed.sqlalchemy_exception, failed.original_exception
    if known is None or not isinstance(cause, _AWAY):
        return None
    return OperationalError(
        known.statement,
        known.params,
        cause,
        hide_parameters=known.hide_parameters,
        connection_invalidated=known.connection_invalidated,
    )


def searching(language: str) -> str:
    """The options of a connection that searches: in which language, and how unlike a mistyped word may be.

    Two letters in the wrong order, in a word of five, leave two of ten trigrams: chiar and chair.
    """
    return f"-c default_text_search_config=pg_catalog.{language} -c pg_trgm.similarity_threshold=0.2"


def encryption(settings: "Settings") -> dict[str, str]:
    """How a connection is encrypted: with a server whose certificate fits its name, or as its URL says."""
    if not settings.transport.database_tls:
        return {}
    return {"sslmode": "verify-full", "sslrootcert": str(settings.transport.tls_ca_file or "system")}


def stop_engine() -> None:
    """Close the connections of the engine that sessions are bound to."""
    _engine().dispose()


def _engine() -> Engine:
    engine: Engine = SessionFactory.kw["bind"]
    return engine


def call_after_commit(name: str, hook: Callable[[Session], None]) -> None:
    """Have `hook(session)` called after every commit of `transaction()`; by the same name it is replaced.

    They are called in the order in which their names came first.
    """
    _after_commit[name] = hook


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session; commit when the block ends, roll back when it raises. After the commit, ring.

    What an operator changes in it is in the audit log, which the database writes: it is told who that is.
    """
    with SessionFactory.begin() as session:
        if context.current("operator") is not None:
            _name_operator(session)
        yield session
    for hook in tuple(_after_commit.values()):
        hook(session)


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session for reads that need not fit together: each statement is by itself."""
    with SessionFactory(bind=_without_transactions(_engine())) as session:
        yield session


@cache
def _without_transactions(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _name_operator(session: Session) -> None:
    facts = {f"backroom.{name}": context.current(name) or "" for name in ("operator", "call", "request_id")}
    session.execute(select(*(func.set_config(name, fact, True) for name, fact in facts.items())))  # noqa: FBT003  # SQL's


def locked(statement: Statement, *, skip_locked: bool = False) -> Statement:
    """Add FOR NO KEY UPDATE, and re-read rows the session already holds: a lock on stale values is no lock.

    Of two who lock a row so, one waits. Who only refers to it by a foreign key does not: a second change of
    an order in one transaction looks at its cart, which would be a lock out of order.
    """
    kept_apart = statement.with_for_update(skip_locked=skip_locked, key_share=True)
    return kept_apart.execution_options(populate_existing=True)


def table_of(model: type[Base]) -> Table:
    """The model's table, for the statements of hot paths: each is built once and takes `bindparam()`s.

    Building one for each execution takes several times as long as PostgreSQL needs for it, and so does the
    way through the model (docs/performance.md). No parameter may be named like a column that the statement
    leaves alone in a table that it changes: SQLAlchemy would set that, too.
    """
    return cast("Table", model.__table__)


def one_of(column: str, values: Iterable[str]) -> str:
    """The SQL condition that a column holds one of these words, for constraints and partial indexes."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def some_of(column: str, values: Iterable[str]) -> str:
    """The SQL condition that a column's array holds one or several of these words, and no others."""
    known = ", ".join(repr(value) for value in values)
    return f"{column} <@ ARRAY[{known}] AND cardinality({column}) > 0"


def now(session: Session) -> datetime:
    """The moment at which the transaction began, by the database's clock."""
    return session.scalars(_NOW).one()


_NOW = select(func.now())


def settled_until(session: Session) -> datetime:
    """When the oldest transaction of the shop began that still runs, else now, by the database's clock.

    Rows that are older than this and can be seen by the next statement are all that there will ever be.
    """
    moment: datetime = session.execute(_SETTLED_UNTIL, {"ours": APPLICATION_NAME}).scalar_one()
    return moment


_SETTLED_UNTIL = text(
    "SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :ours AND pid <> pg_backend_pid()"
)
