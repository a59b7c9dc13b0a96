"""Carts that nobody touches have an end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func

from app.carts.services import tend, tending
from app.ops.services import doctor
from app.platform.db import locked, transaction
from tests.buyers import make_guest, purchase, shelf
from tests.database import lock_waiters, rows
from tests.expiry import let_carts_lie
from tests.stand_in import StandIn
from tests.waiting import wait
from tests.work import drain, reach


def test_carts_are_gone_after_thirty_days_a_step_at_a_time(
    client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "STEP", 2)
    lamp, ordered = shelf(), purchase(client)
    guests = [make_guest(client) for _ in range(5)]
    for guest in guests:
        guest.put(lamp)
    drain()
    let_carts_lie(31)
    guests[1].put(lamp)

    reach("carts.tend")
    ran = drain()

    assert set(ran) == {"carts.tend_on"}
    assert rows("SELECT count(*), count(user_id) FROM carts") == [(2, 1)]
    assert guests[0].get("/v1/cart").get_json()["id"] is None
    assert len(guests[1].get("/v1/cart").get_json()["items"]) == 1
    assert ordered.buyer.get("/v1/cart").get_json()["items"] != []
    assert rows("SELECT count(*) FROM scheduled_jobs WHERE name = 'carts.tend'") == [(1,)]
    with transaction() as session:
        assert doctor.broken(doctor.examine(session, at_rest=False)) == []


def test_a_cart_that_somebody_is_at_is_left_for_the_next_time(client: FlaskClient) -> None:
    guest = make_guest(client)
    guest.put(shelf())
    let_carts_lie(31)
    with transaction() as theirs:
        theirs.connection().exec_driver_sql("SELECT id FROM carts FOR UPDATE")
        with transaction() as session:
            done = tend(session, after=None, remind_after=timedelta(days=23))

    assert (done.deleted, rows("SELECT count(*) FROM carts")) == (0, [(1,)])


def test_a_cart_that_was_ordered_while_tending_looked_at_it_stays(
    client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = make_guest(client)
    guest.put(shelf())
    let_carts_lie(31)
    held = func.pg_advisory_xact_lock_shared(1).is_not(None)
    monkeypatch.setattr(tending, "locked", lambda old, **how: locked(old.where(held), **how))

    def tended() -> tending.Tended:
        with transaction() as session:
            return tend(session, after=None, remind_after=timedelta(days=23))

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            session.execute(func.pg_advisory_xact_lock(1).select())
            done = pool.submit(tended)
            wait(lambda: lock_waiters() == 1)
            placed = guest.check_out()
        assert done.result(timeout=20).deleted == 0

    assert placed.status_code == 201
    assert rows("SELECT cart_id = carts.id FROM orders, carts") == [(True,)]
