from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.platform.db import Base

TEMPLATE = "backroom_template"
ROOT = Path(__file__).parents[1]


def migrate(url: str) -> None:
    """Bring a database to the newest schema by the real migrations."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def truncate(session: Session) -> None:
    """Empty every table."""
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
