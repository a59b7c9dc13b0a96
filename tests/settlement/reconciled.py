"""Comparing our books with the provider's in a test: the schedule's jobs, done now, and what they found."""

from datetime import timedelta
from typing import Any

from app.platform.db import transaction
from app.settlement.services import runs
from tests.database import change, rows
from tests.work import drain, make_due

AGES = {"open": timedelta(0), "recent": timedelta(days=1), "deep": timedelta(days=30)}


def reconcile(kind: str = "recent", *, reaching_back: timedelta | None = None) -> list[tuple[Any, ...]]:
    """What the schedule begins, with the steps that follow; what this run found, in its order.

    With less than no time to reach back to, all that there is was made before what is listed.
    """
    age = AGES[kind] if reaching_back is None else reaching_back
    with transaction() as session:
        runs.schedule(session, kind, reaching_back=age)
    make_due()
    drain()
    ((run_id, state),) = rows("SELECT id, state FROM reconciliation_runs ORDER BY started_at DESC LIMIT 1")
    assert state == "done"
    return findings(run_id)


def owe(kind: str = "recent") -> None:
    """What the schedule does at its slot."""
    with transaction() as session:
        runs.schedule(session, kind, reaching_back=timedelta(days=1))


def findings(run_id: Any) -> list[tuple[Any, ...]]:
    """Kind, object, ours, theirs and action of what a run found, oldest first."""
    statement = (
        "SELECT kind, object_id, ours, theirs, action FROM reconciliation_findings"
        " WHERE run_id = :id ORDER BY found_at, id"
    )
    return rows(statement, id=run_id)


def let_pass(*, seconds: float) -> None:
    """Let payments and refunds have waited for an answer so much longer."""
    for table in ("payments", "refunds"):
        change(
            f"UPDATE {table} SET created_at = created_at - make_interval(secs => :seconds),"  # noqa: S608
            " ask_after = ask_after - make_interval(secs => :seconds)",
            seconds=seconds,
        )
