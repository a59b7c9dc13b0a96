"""Stores by distance: right on a globe, in pages, and along the index."""

import os
import re
from math import acos, cos, radians, sin
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.platform.pagination import read_cursor
from app.stores.queries import Found, Spot, nearest
from tests.stores.making import make_store

MANY = int(os.environ.get("STORES", "20000"))
"""What is looked at is as little among 100,000, which `STORES=100000` shows."""
SCATTERED = text(
    "INSERT INTO stores (id, name, address, latitude, longitude, hours, offers_pickup)"
    " SELECT gen_random_uuid(), 'Store ' || i, '{}', degrees(asin(2 * random() - 1)), 360 * random() - 180,"
    " '{}', i % 10 = 0 FROM generate_series(1, :many) i"
)
TOUCHED = re.compile(r" rows=(\d+)(?:\.\d+)? loops=(\d+)\)|Removed by .*: (\d+)()")


def near(session: Session, spot: Spot, **how: Any) -> list[Found]:
    """The first page, unless it is said otherwise."""
    asked = {"radius_km": None, "with_pickup": False, "after": None, "limit": 10} | how
    return list(nearest(session, spot, **asked).items)


def names(found: list[Found]) -> list[str]:
    return [each.store.name for each in found]


def ground_km(one: Spot, other: Spot) -> float:
    """By the law of cosines, which is another way than ours."""
    a, b = radians(one.latitude), radians(other.latitude)
    between = radians(one.longitude - other.longitude)
    return 6371.0088 * acos(min(1.0, sin(a) * sin(b) + cos(a) * cos(b) * cos(between)))


def test_what_is_nearest_on_a_map_need_not_be_so_on_a_globe(session: Session) -> None:
    for name, latitude, longitude in (
        ("Suva", -18.1416, 178.4419),
        ("Apia", -13.8506, -171.7513),
        ("Nadi", -17.7765, 177.4356),
        ("Longyearbyen", 78.2232, 15.6267),
        ("Alert", 82.5018, -62.3481),
    ):
        make_store(session, name=name, latitude=latitude, longitude=longitude)

    across_the_date_line = near(session, Spot(-15.0, -179.9), limit=3)
    across_the_pole = near(session, Spot(89.0, 100.0), limit=2)

    assert names(across_the_date_line) == ["Suva", "Nadi", "Apia"]
    assert names(across_the_pole) == ["Alert", "Longyearbyen"]
    london = make_store(session)
    (found,) = near(session, Spot(48.8566, 2.3522), radius_km=400)
    assert (found.store.id, found.distance_km) == (london, 343.557)


def test_a_radius_ends_where_it_says_and_pages_leave_nobody_out(session: Session) -> None:
    here = Spot(0.0, 0.0)
    for east in (1, 1, 2, 3):
        make_store(session, name=f"East {east}", latitude=0, longitude=east)
    make_store(session, name="Closed", latitude=0, longitude=0.1, is_active=False)
    make_store(session, name="No pick-up", latitude=0, longitude=0.2, offers_pickup=False)
    a_degree = ground_km(here, Spot(0, 1))

    within = near(session, here, radius_km=2 * a_degree + 0.001, with_pickup=True)
    pages, cursor = [], None
    for _ in range(2):
        after = read_cursor(cursor, str, float, lambda each: each)
        page = nearest(session, here, radius_km=None, with_pickup=True, after=after and after[1:], limit=2)
        pages.append(names(list(page.items)))
        cursor = page.next_cursor

    assert names(within) == ["East 1", "East 1", "East 2"]
    assert names(near(session, here, radius_km=2 * a_degree - 0.001, with_pickup=True)) == [
        "East 1",
        "East 1",
    ]
    assert (pages, cursor) == ([["East 1", "East 1"], ["East 2", "East 3"]], None)
    assert names(near(session, here, limit=1)) == ["No pick-up"]


@pytest.fixture
def everywhere(session: Session) -> Session:
    """A session on stores all over the earth."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SELECT setseed(0.7)"))
    session.execute(SCATTERED, {"many": MANY})
    session.execute(text("ANALYZE stores"))
    return session


def plan_of(session: Session, spot: Spot, **how: Any) -> str:
    """What PostgreSQL did for one page."""
    sent: list[tuple[str, Any]] = []
    engine = session.get_bind().engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    near(session, spot, **how)
    event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = sent
    explained = session.connection().exec_driver_sql(f"EXPLAIN ANALYZE {statement}", parameters)
    return "\n".join(row[0] for row in explained)


def test_of_stores_all_over_the_earth_only_those_nearby_are_looked_at(everywhere: Session) -> None:
    berlin = Spot(52.52, 13.405)
    far = near(everywhere, berlin, limit=100)[-1]
    asked: list[dict[str, Any]] = [
        {"limit": 24},
        {"limit": 24, "with_pickup": True},
        {"limit": 24, "radius_km": 300.0},
        {"limit": 24, "radius_km": 0.001},
        {"limit": 24, "radius_km": 20_000.0, "with_pickup": True},
        {"limit": 24, "after": (far.chord, far.store.id)},
    ]

    for how in asked:
        plan = plan_of(everywhere, berlin, **how)

        assert "ix_stores_place" in plan, plan
        assert "Seq Scan" not in plan, plan
        touched = [int(a or c) * int(b or 1) for a, b, c, _ in TOUCHED.findall(plan)]
        assert max(touched, default=1_000) <= 250, plan

    by_hand = sorted(
        (ground_km(berlin, Spot(latitude, longitude)), store_id)
        for store_id, latitude, longitude in everywhere.execute(
            text("SELECT id, latitude, longitude FROM stores")
        )
    )
    assert [each.store.id for each in near(everywhere, berlin, limit=50)] == [
        each[1] for each in by_hand[:50]
    ]
