"""Each try of a delivery as a row, written by the very statements that claim, finish and give back."""

import os
import socket

from sqlalchemy import CTE, BindParameter, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.events.models import AttemptRecord
from app.platform.db import table_of
from app.platform.logging import without_addresses

DONE, FAILED, HANDED_OVER, NO_ANSWER = "done", "failed", "handed_over", "no_answer"

LONGEST_ERROR = 500
_ATTEMPTS = table_of(AttemptRecord)


def begun(taken: CTE) -> CTE:
    """Note the attempt of a delivery that was `taken`.

    `taken` has the delivery's id, its new token and the number of its attempts. The statement is to be
    executed with `by_worker`, the process that does the work.
    """
    worker = bindparam("by_worker", type_=Text)
    row = select(taken.c.id, taken.c.token, taken.c.attempts, worker, func.clock_timestamp())
    columns = ["delivery_id", "token", "number", "worker", "started_at"]
    return insert(_ATTEMPTS).from_select(columns, row.select_from(taken)).cte("begun")


def unanswered(taken: CTE) -> CTE:
    """Note that the attempt before the one that was `taken` left no answer, if so."""
    silent = (
        update(_ATTEMPTS)
        .where(_ATTEMPTS.c.delivery_id == taken.c.id, _ATTEMPTS.c.token == taken.c.token - 1)
        .where(_ATTEMPTS.c.outcome.is_(None))
        .values(outcome=NO_ANSWER, ended_at=func.clock_timestamp())
    )
    return silent.cte("silent")


def ended(mine: CTE, outcome: str | None, error: BindParameter[str] | None = None) -> CTE:
    """Note how the attempt ended that holds a delivery; `mine` has the delivery's id and token.

    Without an outcome nothing was tried: its row goes. An attempt of the release before this one has no
    row, and gets none.
    """
    held = (_ATTEMPTS.c.delivery_id == mine.c.id, _ATTEMPTS.c.token == mine.c.token)
    if outcome is None:
        return delete(_ATTEMPTS).where(*held).cte("noted")
    values = {"outcome": outcome, "error": error, "ended_at": func.clock_timestamp()}
    return update(_ATTEMPTS).where(*held).values(values).cte("noted")


def readable(error: str) -> str:
    """The beginning of any text that PostgreSQL can store, without the mail addresses that servers quote."""
    storable = error[:LONGEST_ERROR].replace("\x00", "").encode(errors="replace").decode()
    return without_addresses(storable)


def worker() -> str:
    """The process that does the work, as an operator finds it."""
    return f"{socket.gethostname()}:{os.getpid()}"
