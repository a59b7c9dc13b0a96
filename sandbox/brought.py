"""The servers that somebody brings along are tried before anything starts."""

import kombu
import psycopg
from kombu.exceptions import KombuError

from sandbox.errors import CannotStart
from sandbox.wanted import Wanted

_OLDEST_POSTGRES = 15
_PATIENCE = 3
_MAY_MIGRATE = "SELECT current_setting('server_encoding'), has_schema_privilege('public', 'CREATE')"


def try_servers(wanted: Wanted) -> None:
    """Log in to each server whose URL is given; raises CannotStart, naming the variable of a useless one."""
    if wanted.gives("DATABASE_URL"):
        _try_database(wanted.environment["DATABASE_URL"])
    for variable in ("REDIS_URL", "CELERY_BROKER_URL"):
        if wanted.gives(variable):
            _try_broker(variable, wanted.environment[variable])


def _try_database(url: str) -> None:
    try:
        plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(plain, connect_timeout=_PATIENCE) as connection:
            major = connection.info.server_version // 10_000
            encoding, may_create = connection.execute(_MAY_MIGRATE).fetchone() or ("", False)
    except psycopg.Error as error:
        raise CannotStart(f"DATABASE_URL: {_one_line(error)}") from None
    if major < _OLDEST_POSTGRES:
        raise CannotStart(
            f"DATABASE_URL: PostgreSQL {major} is too old, it must be {_OLDEST_POSTGRES} or newer"
        )
    if encoding != "UTF8":
        raise CannotStart(f"DATABASE_URL: the database is in {encoding}, make one in UTF8")
    if not may_create:
        raise CannotStart("DATABASE_URL: its user may not create tables, make it the owner of the database")


def _try_broker(variable: str, url: str) -> None:
    """Any server that Celery can speak to, Redis among them."""
    limits = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
    try:
        with kombu.Connection(url, connect_timeout=_PATIENCE, transport_options=limits) as connection:
            connection.ensure_connection(max_retries=1, timeout=_PATIENCE)
    except (KombuError, OSError, ValueError, KeyError, ImportError) as error:
        raise CannotStart(f"{variable}: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
