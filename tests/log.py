"""The log of events, as its readers have it."""

from tests.database import rows
from tests.waiting import wait

_NOT_YET_TOLD = "SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())"


def let_log_settle() -> None:
    """Wait until readers are told of all that was written.

    Facts are told once every older transaction of the whole server has ended, and other tests use it, too;
    one of them fills a large catalog in a single transaction.
    """
    wait(lambda: rows(_NOT_YET_TOLD) == [(0,)], within=90)
