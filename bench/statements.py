"""Counting SQL where it arrives: by PostgreSQL's own statistics, whoever sent it."""

from dataclasses import dataclass

import psycopg

SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}
"""What the server must be started with."""

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK")
_PROBES = ("SELECT $1", ";", "")
_SINCE_RESET = """
SELECT /* bench */ query, calls::bigint, total_exec_time FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND query NOT LIKE '%/* bench */%'
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the shop, how often it ran, and its milliseconds in PostgreSQL altogether."""

    text: str
    calls: int
    milliseconds: float

    @property
    def is_frame(self) -> bool:
        """Whether it only begins or ends a transaction, or asks whether a connection lives."""
        return self.text.startswith(_FRAME) or self.text in _PROBES


class Statements:
    """What was asked of the database that the connection is to, since the last reset()."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def reset(self) -> None:
        """Count from here."""
        self._connection.execute("SELECT /* bench */ pg_stat_statements_reset()")

    def counted(self) -> tuple[int, int]:
        """Everything that was asked, and how much of it was SQL of the shop.

        The difference is what frames it: BEGIN, COMMIT, and the pool's question whether a connection lives.
        """
        found = self.top()
        return sum(each.calls for each in found), sum(each.calls for each in found if not each.is_frame)

    def top(self) -> list[Statement]:
        """The statements, first those that took PostgreSQL longest."""
        rows = self._connection.execute(_SINCE_RESET).fetchall()
        found = [Statement(" ".join(text.split()), calls, spent) for text, calls, spent in rows]
        return sorted(found, key=lambda each: each.milliseconds, reverse=True)
