"""What the shop's own database user may do: its work, and nothing else.

Whoever migrates owns the tables. After each migration the shop's user, if it is another, is made (when it is
missing) and given its rights anew, so that a new table needs nobody to think of it.
"""

from psycopg import sql
from sqlalchemy import Connection, make_url

LEDGERS = ("bank_transfers", "events", "stock_movements")
"""What is only ever added to."""
READ_ONLY = ("alembic_version", "audit_log")
"""What others write: the migrations, and triggers with their owner's rights."""
BOOKS = (
    "coupon_uses",
    "coupons",
    "disputes",
    "document_numbers",
    "documents",
    "fulfillments",
    "messages",
    "order_lines",
    "orders",
    "payment_reviews",
    "payments",
    "provider_events",
    "refund_lines",
    "refunds",
    "reservations",
    "return_lines",
    "returns",
    "stock_holds",
    "stock_levels",
    "users",
)
"""What changes and never disappears."""
RIGHTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {user}",
    "GRANT USAGE ON SCHEMA public TO {user}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
    "REVOKE UPDATE, DELETE ON {ledgers} FROM {user}",
    "REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {user}",
    "REVOKE DELETE ON {books} FROM {user}",
)


def let_in(connection: Connection, app_url: str) -> None:
    """Give the user of this URL the rights that the shop needs, and take all others. Repeating it is safe.

    Nothing is done when it is the one that migrates. Making a missing user needs the right to do so
    (CREATEROLE); otherwise make it before, and the rest needs the ownership of the tables only.
    """
    app = make_url(app_url)
    if not app.username or connection.exec_driver_sql("SELECT current_user").scalar_one() == app.username:
        return
    words = {
        "user": sql.Identifier(app.username),
        "ledgers": _list(LEDGERS),
        "read_only": _list(READ_ONLY),
        "books": _list(BOOKS),
    }
    statements = [*_making(connection, app.username, app.password), *map(sql.SQL, RIGHTS)]
    for statement in statements:
        connection.exec_driver_sql(statement.format(**words).as_string())


def _making(connection: Connection, user: str, password: str | None) -> list[sql.SQL]:
    known = connection.exec_driver_sql("SELECT FROM pg_roles WHERE rolname = %s", (user,)).first()
    if known is not None:
        return []
    secret = sql.Literal(password).as_string()
    return [sql.SQL(f"CREATE ROLE {{user}} LOGIN PASSWORD {secret} NOSUPERUSER NOCREATEDB NOCREATEROLE")]


def _list(tables: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, tables))
