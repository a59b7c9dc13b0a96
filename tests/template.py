from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.platform.db import Base

TEMPLATE = "backroom_template"
ROOT = Path(__file__).parents[1]

_LARGE_BYTES = 2_000_000


def migrate(url: str) -> None:
    """Bring a database to the newest schema by the real migrations."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def empty(session: Session) -> None:
    """Delete all rows, once everybody else is out of the tables, and count from one again.

    A TRUNCATE of all tables takes 100 ms of a core, for it makes new files for each table and index; to
    delete what a test has written takes 2. Tables that have grown are worth it.
    """
    statements = _statements()
    session.execute(statements.lock)
    if (session.scalar(statements.largest) or 0) > _LARGE_BYTES:
        session.execute(statements.truncate)
        return
    session.execute(text("SET LOCAL session_replication_role = replica"))  # neither keys nor triggers
    session.execute(statements.delete)


@dataclass(frozen=True, slots=True)
class _Statements:
    """What empties the tables, in the models' own names."""

    lock: TextClause
    largest: TextClause
    truncate: TextClause
    delete: TextClause


@cache
def _statements() -> _Statements:
    tables = Base.metadata.sorted_tables
    names = ", ".join(f'"{table.name}"' for table in tables)
    sizes = ", ".join(f"pg_relation_size('{table.name}')" for table in tables)
    deletes = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)  # noqa: S608  # names of tables
    again = "; ".join(
        f"PERFORM setval(pg_get_serial_sequence('{table.name}', '{column.name}'), 1, false)"
        for table in tables
        for column in table.columns
        if column.identity
    )
    return _Statements(
        lock=text(f"LOCK TABLE {names}"),
        largest=text(f"SELECT greatest({sizes})"),
        truncate=text(f"TRUNCATE {names} RESTART IDENTITY"),
        delete=text(f"DO $$ BEGIN {deletes}; {again}; END $$"),
    )
