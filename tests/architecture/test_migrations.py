from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Session

from app.platform.db import Base
from tests.template import ROOT


def config(url: str) -> Config:
    found = Config(toml_file=ROOT / "pyproject.toml")
    found.attributes["url"] = url
    return found


def test_the_models_are_what_the_migrations_made(urls: dict[str, str]) -> None:
    command.check(config(urls["database"]))


def test_migrations_have_one_end() -> None:
    assert len(ScriptDirectory.from_config(config("")).get_heads()) == 1


def test_the_conditions_of_the_models_are_those_of_the_database(session: Session) -> None:
    """Alembic does not compare them. Each is read back after PostgreSQL has understood it."""
    for table in Base.metadata.sorted_tables:
        session.execute(text(f'CREATE TEMP TABLE modelled (LIKE "{table.name}")'))
        for each in table.constraints:
            if isinstance(each, CheckConstraint):
                # Migrations have sent them doubled, which LIKE does not mind.
                condition = str(each.sqltext).replace("%", "%%")
                session.execute(
                    text(f'ALTER TABLE modelled ADD CONSTRAINT "{each.name}" CHECK ({condition})')
                )

        assert _conditions(session, "modelled") == _conditions(session, table.name), table.name
        session.execute(text("DROP TABLE modelled"))


def _conditions(session: Session, table: str) -> dict[str, str]:
    of_table = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
    return dict(
        session.execute(text(f"{of_table} AND conrelid = CAST(:name AS regclass)"), {"name": table}).all()
    )
