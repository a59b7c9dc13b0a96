from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Table, text
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
    tables = Base.metadata.sorted_tables
    names = [f'"{table.name}"' for table in tables]
    session.execute(text(f"LOCK TABLE {', '.join(names)}"))
    if _largest(session, tables) > _LARGE_BYTES:
        session.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))
        return
    deletes = "; ".join(f"DELETE FROM {name}" for name in names)  # noqa: S608  # the models' own names
    session.execute(text("SET LOCAL session_replication_role = replica"))  # neither keys nor triggers
    session.execute(text(f"DO $$ BEGIN {deletes}; END $$"))
    for table, column in _counted(tables):
        session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), 1, false)"))


def _largest(session: Session, tables: list[Table]) -> int:
    sizes = ", ".join(f"pg_relation_size('{table.name}')" for table in tables)
    return int(session.scalar(text(f"SELECT greatest({sizes})")) or 0)


def _counted(tables: list[Table]) -> list[tuple[str, str]]:
    return [(table.name, column.name) for table in tables for column in table.columns if column.identity]
