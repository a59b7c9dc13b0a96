"""Each try of a delivery as a row, written by the very statements that claim, finish and give back."""

import os
import re
import socket

from sqlalchemy import CTE, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.events.models import AttemptRecord

DONE, FAILED, HANDED_OVER, NO_ANSWER = "done", "failed", "handed_over", "no_answer"

LONGEST_ERROR = 500
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def begun(taken: CTE) -> tuple[CTE, CTE]:
    """Note the attempt of a delivery that was `taken`, and that the one before it left no answer, if so.

    `taken` has the delivery's id, its new token and the number of its attempts.
    """
    row = select(
        taken.c.id, taken.c.token, taken.c.attempts, literal(_worker()), func.clock_timestamp()
    ).select_from(taken)
    columns = ["delivery_id", "token", "number", "worker", "started_at"]
    silent = (
        update(AttemptRecord)
        .where(AttemptRecord.delivery_id == taken.c.id, AttemptRecord.token == taken.c.token - 1)
        .where(AttemptRecord.outcome.is_(None))
        .values(outcome=NO_ANSWER, ended_at=func.clock_timestamp())
    )
    return insert(AttemptRecord).from_select(columns, row).cte("begun"), silent.cte("silent")


def ended(mine: CTE, outcome: str, error: str | None = None) -> CTE:
    """Note how the attempt ended that holds a delivery; `mine` has the delivery's id and token.

    An attempt of the release before this one has no row, and gets none.
    """
    noted = (
        update(AttemptRecord)
        .where(AttemptRecord.delivery_id == mine.c.id, AttemptRecord.token == mine.c.token)
        .values(outcome=outcome, error=error, ended_at=func.clock_timestamp())
    )
    return noted.cte("noted")


def readable(error: str) -> str:
    """The beginning of any text that PostgreSQL can store, without the mail addresses that servers quote."""
    storable = error[:LONGEST_ERROR].replace("\x00", "").encode(errors="replace").decode()
    return _ADDRESS.sub("[address]", storable)


def _worker() -> str:
    """The process that does the work, as an operator finds it."""
    return f"{socket.gethostname()}:{os.getpid()}"
