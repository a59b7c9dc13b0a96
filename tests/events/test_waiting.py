"""Looking for what waits costs as much as there is to be done now, however much is due later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.events.backlog import claim_fresh
from app.events.claims import claim
from app.events.relay import overdue
from app.events.services import LONGEST_RING_GAP
from app.platform.db import SessionFactory, transaction
from tests.database import change, count
from tests.events.owed import LEASE, PLAIN, owe_one

LATER = 5_000
FEW = 20


def look(session: Session) -> object:
    return claim_fresh(session, PLAIN.queue, consumers=[PLAIN.consumer], limit=20, lease=LEASE)


def take_first(session: Session) -> object:
    delivery_id = min(owed(session))
    return claim(session, delivery_id, consumer=PLAIN.consumer, lease=LEASE)


def owed(session: Session) -> list[int]:
    found = session.connection().exec_driver_sql("SELECT id FROM deliveries WHERE run_after <= now()")
    return [row.id for row in found]


@pytest.fixture
def due_later() -> None:
    """Thousands of deliveries that were put off for five minutes, and two that are due."""
    first = owe_one()
    change(
        "INSERT INTO deliveries (event_id, consumer, queue, dedupe_key, run_after, ring_after)"
        " SELECT event_id, consumer, queue, number::text, now() + interval '5 minutes',"
        " now() + interval '5 minutes' FROM deliveries, generate_series(1, :later) AS number WHERE id = :id",
        later=LATER,
        id=first,
    )
    owe_one()
    with SessionFactory() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).exec_driver_sql("ANALYZE")


@pytest.mark.parametrize("search", [look, take_first])
def test_who_looks_for_work_does_not_read_what_is_due_later(
    due_later: None, search: Callable[[Session], object]
) -> None:
    with SessionFactory() as session:
        connection = session.connection()
        sent: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2:4]))
        assert search(session)
        statement, parameters = sent[-1]
        session.rollback()
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        ((plan,),) = session.connection().exec_driver_sql(explain, parameters).scalars()

    assert count("deliveries") == LATER + 2
    assert read(plan["Plan"]) <= FEW


def read(node: dict[str, Any]) -> int:
    """The rows of a table that a plan's scans have looked at, those they threw away included."""
    below = sum(read(child) for child in node.get("Plans", ()))
    if "Relation Name" not in node:
        return below
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return below + int((node["Actual Rows"] + thrown) * node["Actual Loops"])


def test_what_the_relay_has_rung_for_the_longest_time_is_still_found() -> None:
    owe_one()
    change("UPDATE deliveries SET ring_after = now(), rings = 9")
    with transaction() as session:
        assert len(overdue(session, PLAIN.queue, room=1, gap=timedelta(seconds=4))) == 1
        waits = "SELECT ring_after - now() FROM deliveries"
        assert session.connection().exec_driver_sql(waits).scalar_one() == LONGEST_RING_GAP

    with transaction() as session:
        assert len(claim_fresh(session, PLAIN.queue, consumers=[PLAIN.consumer], limit=1, lease=LEASE)) == 1
