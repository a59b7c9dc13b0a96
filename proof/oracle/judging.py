from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.orm import Session

from app.ops.services import doctor
from app.ops.services.doctor import LONGEST_HOLD, Finding
from proof.oracle.checks import CHECKS
from proof.oracle.evidence import Request, Rows, lay_out
from proof.oracle.mails import FACTS
from proof.oracle.verdict import Verdict, Violation
from sandbox.mail.inbox import Summary

ORACLE = "oracle"
FIGURES = {
    "orders": "SELECT 'orders ' || status || ', ' || payment_status, count(*) FROM orders GROUP BY 1",
    "payments": "SELECT 'payments ' || status, count(*) FROM payments GROUP BY 1",
    "refunds": "SELECT 'refunds ' || status, count(*) FROM refunds GROUP BY 1",
    "disputes": "SELECT 'disputes ' || status, count(*) FROM disputes GROUP BY 1",
    "messages": "SELECT 'messages ' || status, count(*) FROM messages GROUP BY 1",
    "deliveries": "SELECT 'deliveries ' || state, count(*) FROM deliveries GROUP BY 1",
    "mails": """
        SELECT unnest(ARRAY['mails caught', 'mails doubled']),
          unnest(ARRAY[count(*), count(*) - count(DISTINCT message_id)]) FROM caught_mails""",
    "requests": """
        SELECT 'requests ' || coalesce(status::text, 'unanswered'), count(*) FROM asked GROUP BY 1""",
}
"""Names with their numbers; a mail is doubled by each copy beyond the first, known by its Message-ID."""


def judge(
    database: str | Connection,
    *,
    books: Mapping[str, Rows],
    inbox: Iterable[Summary] = (),
    history: Sequence[Request] = (),
    longest_hold: timedelta = LONGEST_HOLD,
) -> Verdict:
    """What is wrong with a shop at rest, and its figures; nothing is written.

    `database` is an address, or a connection of `connected`: that is quicker from the second time on, for it
    knows the statements. `books` is what the stand-in's /_admin/books answers. See the package for how to
    call it, and when.
    """
    with connected(database) if isinstance(database, str) else nullcontext(database) as connection:
        with connection.begin():
            connection.execute(text("DISCARD TEMP"))
            lay_out(connection, books=books, inbox=inbox, history=history)
        with connection.begin():
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            session = Session(connection)
            findings = doctor.examine(session, at_rest=True, longest_hold=longest_hold)
            findings += [doctor.find(session, each, FACTS) for each in CHECKS]
            return Verdict(tuple(map(_violation, doctor.broken(findings))), _figures(session))


def connected(database_url: str) -> Connection:
    """A connection to a shop's database, which PostgreSQL knows as `ORACLE`."""
    return _engine(database_url).connect()


@cache
def _engine(database_url: str) -> Engine:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return create_engine(url, poolclass=NullPool, connect_args={"application_name": ORACLE})


def _violation(finding: Finding) -> Violation:
    return Violation(finding.invariant.id, finding.invariant.sentence, finding.count, finding.examples)


def _figures(session: Session) -> dict[str, int]:
    rows: list[Any] = [
        row for query in FIGURES.values() for row in session.execute(text(f"{query} ORDER BY 1"))
    ]
    return {name: int(number) for name, number in rows}
