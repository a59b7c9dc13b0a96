"""What others say about the shop, laid beside its tables for the time of one connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text

from sandbox.mail.inbox import Summary

Rows = Iterable[Mapping[str, Any]]

OF_STRIPE = {
    "payment_intents": (
        "id text, status text, amount bigint, amount_received bigint, currency text, metadata jsonb"
    ),
    "checkout_sessions": "id text, status text, payment_intent text, metadata jsonb",
    "charges": "id text, payment_intent text",
    "refunds": "id text, status text, amount bigint, currency text, payment_intent text, metadata jsonb",
    "disputes": "id text, status text, amount bigint, payment_intent text",
    "balance_transactions": "id text, source text, amount bigint",
    "deliveries": "event text, state text",
}
"""The parts of the books that are compared, each as a table `stripe_<name>`; amounts in minor units."""
OF_CLIENTS = (
    "who text, method text, path text, status int, key text, order_id text, payment_id text, refund_id text,"
    " coupon text, request_id text"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of a client and its answer, as the client knows them.

    `who` tells callers apart, `status` None is no answer; the ids are those of the answer's body, and so is
    `coupon`, the code that the order has. `request_id` is the answer's, of what was asked for once only: of
    what was repeated nobody knows which request did it. Times are seconds of the client's clock.
    """

    who: str
    method: str
    path: str
    status: int | None
    key: str | None = None
    order_id: str | None = None
    payment_id: str | None = None
    refund_id: str | None = None
    coupon: str | None = None
    request_id: str | None = None
    began: float = 0
    ended: float = 0


def lay_out(
    connection: Connection,
    *,
    books: Mapping[str, Rows],
    inbox: Iterable[Summary],
    history: Sequence[Request],
) -> None:
    """Make the tables that `checks` compares with; they are gone with the connection."""
    for name, columns in OF_STRIPE.items():
        _lay(connection, f"stripe_{name}", columns, books.get(name, ()))
    _lay(connection, "caught_mails", "message_id text", ({"message_id": each.message_id} for each in inbox))
    _lay(connection, "asked", OF_CLIENTS, (asdict(each) for each in history))


def _lay(connection: Connection, table: str, columns: str, rows: Rows) -> None:
    names = [column.split()[0] for column in columns.split(", ")]
    content = orjson.dumps([{name: row.get(name) for name in names} for row in rows]).decode()
    source = f"SELECT * FROM jsonb_to_recordset(CAST(:content AS jsonb)) AS row ({columns})"  # noqa: S608  # our own words
    connection.execute(text(f"CREATE TEMPORARY TABLE {table} AS {source}"), {"content": content})
    connection.execute(text(f"ANALYZE {table}"))
