"""Runs migrations: one transaction, one at a time, and never long in the way of the shop."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.dialects.postgresql.base import ischema_names

import app
from app.events.models import TransactionId
from app.platform.db import Base, encryption
from app.stores.models import Cube
from config import load_or_exit
from migrations.roles import let_in

# Alembic reads the database's types when it looks for drift, and does not know these.
ischema_names["xid8"] = TransactionId
ischema_names["cube"] = Cube

LOCK = 4_715_001
"""The advisory lock that all processes which migrate queue for."""


def import_models() -> None:
    """Every package's models, and the tables of the platform itself."""
    importlib.import_module("app.platform.idempotency")
    for package in pkgutil.iter_modules(app.__path__):
        if package.ispkg and package.name != "platform":
            names = {module.name for module in pkgutil.iter_modules([f"{app.__path__[0]}/{package.name}"])}
            if "models" in names:
                importlib.import_module(f"app.{package.name}.models")


def _addresses() -> tuple[str, dict[str, str], str]:
    """The database as the migrations' user, how to encrypt the way there, and it as the shop's own user."""
    given = context.config.attributes
    if "url" in given:
        return given["url"], {}, given.get("app_url", given["url"])
    settings = load_or_exit()
    return settings.migration_url, encryption(settings), settings.database_url


def migrate() -> None:
    """Apply what is missing to the database that the caller or the settings name."""
    url, encrypted, app_url = _addresses()
    import_models()
    with create_engine(url, poolclass=NullPool, connect_args=encrypted).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        # A lock on a busy table is waited for shortly: the shop queues behind whoever waits.
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
        context.run_migrations()
        let_in(connection, app_url)


migrate()
