from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.events.relay import overdue
from app.events.services import Ring
from app.platform.db import SessionFactory, transaction
from tests.database import change, rows
from tests.events.owed import PLAIN, abandon, owe_one, taken
from tests.threads import at_once

GAP = timedelta(seconds=4)


def missed(room: int = 100, queue: str = PLAIN.queue) -> list[int]:
    """Which deliveries one look of the relay rings."""
    with transaction() as session:
        return ids(overdue(session, queue, room=room, gap=GAP))


def ids(rings: Sequence[Ring]) -> list[int]:
    return sorted(ring.delivery_id for ring in rings)


def unheard(count: int) -> list[int]:
    """Deliveries whose doorbell was missed."""
    made = [owe_one(str(number)) for number in range(count)]
    change("UPDATE deliveries SET ring_after = now() - interval '1 second' * (1000 - id)")
    return made


def test_what_was_rung_a_moment_ago_is_left_alone() -> None:
    owe_one()

    assert missed() == []


def test_what_nobody_took_is_rung_with_its_consumer_and_queue() -> None:
    (delivery_id,) = unheard(1)

    with transaction() as session:
        rung = Ring("tests.plain", "default", delivery_id, fresh=False)
        assert overdue(session, "default", room=5, gap=GAP) == [rung]


@pytest.mark.parametrize(
    "state",
    [
        "run_after = now() + interval '1 minute'",
        "state = 'done', done_at = now()",
        "state = 'dead'",
        "state = 'running', lease_until = now() + interval '1 minute'",
        "queue = 'email'",
    ],
)
def test_only_what_waits_in_this_queue_is_rung(state: str) -> None:
    unheard(2)
    change(f"UPDATE deliveries SET {state}")  # noqa: S608  # the words above

    assert missed() == []


def test_abandoned_work_is_rung() -> None:
    (delivery_id,) = unheard(1)
    taken(delivery_id)
    abandon(delivery_id)
    assert missed() == []

    change("UPDATE deliveries SET ring_after = now()")
    assert missed() == [delivery_id]


def test_never_more_than_there_is_room_for_and_the_oldest_first() -> None:
    made = unheard(5)

    assert missed(room=2) == made[:2]
    assert missed(room=2) == made[2:4]
    assert missed(room=2) == made[4:]
    assert missed(room=2) == []


def test_room_is_kept_whatever_plan_the_database_chooses() -> None:
    made = unheard(20)

    with transaction() as session:
        for kind in ("hashjoin", "hashagg", "mergejoin", "sort", "material"):
            session.execute(text(f"SET LOCAL enable_{kind} = off"))
        rung = overdue(session, "default", room=3, gap=GAP)

    assert ids(rung) == made[:3]


def test_the_pause_between_rings_doubles_up_to_ten_seconds_and_a_claim_starts_it_anew() -> None:
    (delivery_id,) = unheard(1)
    pauses = []
    for _ in range(7):
        with transaction() as session:
            assert ids(overdue(session, "default", room=1, gap=GAP)) == [delivery_id]
            pauses += rows("SELECT EXTRACT(EPOCH FROM ring_after - now())::integer FROM deliveries", session)
        change("UPDATE deliveries SET ring_after = now()")

    assert pauses == [(4,), (8,), (10,), (10,), (10,), (10,), (10,)]
    taken(delivery_id)
    assert rows("SELECT rings FROM deliveries") == [(0,)]


def test_what_another_relay_is_ringing_is_left_to_it() -> None:
    made = unheard(5)

    with SessionFactory() as first:
        assert ids(overdue(first, "default", room=2, gap=GAP)) == made[:2]
        assert missed() == made[2:]
        first.commit()

    assert missed() == []


def test_many_relays_at_once_ring_each_row_once() -> None:
    made = unheard(60)

    rung = at_once(lambda _: missed(room=7) + missed(room=7))

    everything = [each for some in rung for each in some] + missed()
    assert sorted(everything) == made


def test_a_relay_that_dies_before_its_commit_leaves_the_rows_to_the_next() -> None:
    made = unheard(3)

    with SessionFactory() as dying:
        assert ids(overdue(dying, "default", room=3, gap=GAP)) == made
        dying.rollback()

    assert missed() == made
