"""What the shop's own database user may do, on a database that another user has migrated."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import errors, sql
from psycopg.rows import TupleRow
from sqlalchemy import make_url

from app.platform.db import Base
from migrations.roles import BOOKS, LEDGERS, READ_ONLY
from tests.template import ROOT

PASSWORD = "a-password-of-tests"
FOREIGN = (
    "DROP TABLE orders",
    "TRUNCATE carts",
    "ALTER TABLE users ADD COLUMN is_admin boolean",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "CREATE TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION dblink",
    "CREATE ROLE other",
    "SET ROLE backroom",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY orders TO PROGRAM 'cat'",
    "COPY orders FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "UPDATE alembic_version SET version_num = 'x'",
    "INSERT INTO audit_log (actor, act, thing, thing_id) VALUES ('a', 'insert', 'users', 'b')",
)
Connection = psycopg.Connection[TupleRow]


@pytest.fixture(scope="module")
def shop_url(urls: dict[str, str]) -> Iterator[str]:
    """The template's copy, as the shop's user reaches it. Users belong to the server: this one is removed."""
    owner = make_url(urls["database"])
    name = f"shop_of_{owner.database}"
    shop = owner.set(username=name, password=PASSWORD)
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes |= {
        "url": owner.render_as_string(hide_password=False),
        "app_url": shop.render_as_string(hide_password=False),
    }
    command.upgrade(config, "head")
    command.upgrade(config, "head")
    yield shop.set(drivername="postgresql").render_as_string(hide_password=False)
    plain = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}")
        connection.execute(f"DROP ROLE {name}")


@pytest.fixture
def shop(shop_url: str) -> Iterator[Connection]:
    with psycopg.connect(shop_url, autocommit=True) as connection:
        yield connection


def refused(shop: Connection, statement: sql.Composed) -> bool:
    try:
        shop.execute(statement)
    except errors.InsufficientPrivilege:
        return True
    return False


def test_what_is_not_the_shops_work_is_refused(shop: Connection) -> None:
    erasing = [
        sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in (*LEDGERS, *READ_ONLY, *BOOKS)
    ]
    rewriting = [sql.SQL("SELECT FROM {} FOR UPDATE").format(sql.Identifier(name)) for name in LEDGERS]

    let_through = [
        each.as_string()
        for each in (*(sql.SQL(text).format() for text in FOREIGN), *erasing, *rewriting)
        if not refused(shop, each)
    ]

    assert let_through == []


def test_everything_else_may_be_read_and_written(shop: Connection) -> None:
    rights = {
        table.name: [
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
            if shop.execute("SELECT has_table_privilege(%s, %s)", [table.name, right]).fetchone() == (True,)
        ]
        for table in Base.metadata.sorted_tables
    }

    assert {name for name, known in rights.items() if "SELECT" not in known} == set()
    assert {name for name, known in rights.items() if "INSERT" not in known} == {"audit_log"}
    assert {name for name, known in rights.items() if "UPDATE" not in known} == {*LEDGERS, "audit_log"}
    assert {name for name, known in rights.items() if "DELETE" not in known} == {
        *LEDGERS,
        *BOOKS,
        "audit_log",
    }


def test_what_operators_do_is_written_down_by_the_owner(shop: Connection) -> None:
    with shop.transaction(force_rollback=True):
        shop.execute("SELECT set_config('backroom.operator', 'user:1', true)")
        shop.execute(
            "INSERT INTO categories (id, slug, name, path) VALUES (gen_random_uuid(), 'test', 'Test', 'test')"
        )
        found = shop.execute("SELECT actor, act, thing FROM audit_log").fetchall()

    assert found == [("user:1", "insert", "categories")]
