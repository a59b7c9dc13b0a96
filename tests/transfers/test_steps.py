"""Imports are done in steps: whoever is killed, whatever else goes on, each row is done once."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from app.catalog.services.importing import RawRow
from app.media.gateway.protocol import Storage
from app.media.gateway.select import storage_of
from app.platform.db import transaction
from app.transfers.services import imports, reading
from app.transfers.services.reading import Batch
from app.transfers.workflows import importing
from tests.database import change, count, rows
from tests.media.dying import Dying, Killed
from tests.threads import together
from tests.transfers.clerk import CHAIR, WORK, Clerk, counts, sheet
from tests.transfers.test_imports import EVERYTHING
from tests.work import do_one, drain, load_tasks, make_due

CHAIRS = [CHAIR | {"sku": f"CHAIR-{number}", "stock": str(number)} for number in range(5)]
STEPS = "SELECT payload ->> 'step' FROM events WHERE topic = 'transfers.import_continued' ORDER BY sequence"


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows at a time."""
    monkeypatch.setattr(reading, "STEP", 2)


@pytest.fixture
def storage(clerk: Clerk) -> Storage:
    """Where the files are."""
    load_tasks()
    return storage_of(clerk.admin.client.application)


def seen(clerk: Clerk, path: str) -> Any:
    return clerk.admin.get(path).get_json()


def test_each_step_says_how_far_it_is(clerk: Clerk) -> None:
    path = clerk.started(sheet([*CHAIRS, CHAIR | {"price": "x"}]))
    waiting = seen(clerk, path)
    do_one(0)
    running = seen(clerk, path)
    drain(only=WORK)
    done = seen(clerk, path)

    assert (waiting["status"], waiting["started_at"], counts(waiting)) == ("waiting", None, (0, 0, 0, 0))
    assert (running["status"], running["rows"]["read"], counts(running)) == ("running", 2, (2, 0, 0, 0))
    assert 0 < running["bytes_read"] < running["byte_size"]
    assert (done["status"], counts(done), done["bytes_read"]) == ("done", (5, 0, 0, 1), done["byte_size"])
    assert running["finished_at"] is None
    assert done["created_at"] < done["started_at"] < done["finished_at"]
    assert rows(STEPS) == [("0",), ("1",), ("2",)]
    assert rows("SELECT payload ->> 'status' FROM events WHERE topic = 'transfers.import_ended'") == [
        ("done",)
    ]


@pytest.mark.parametrize("where", ["import_rows", "_keep_refusals", "_advance", "publish"])
def test_whoever_is_killed_in_a_step_has_done_nothing_of_it(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    path = clerk.started(sheet(CHAIRS))
    do_one(0)
    before = rows(EVERYTHING)

    def dies(*words: Any, **more: Any) -> None:
        getattr(imports, f"kept_{where}")(*words, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(imports, f"kept_{where}", getattr(imports, where), raising=False)
        patched.setattr(imports, where, dies)
        with pytest.raises(Killed):
            drain(only=WORK)
    assert rows(EVERYTHING) == before
    make_due()
    drain(only=WORK)

    assert counts(seen(clerk, path)) == (5, 0, 0, 0)
    assert rows("SELECT sku, on_hand FROM stock_levels ORDER BY sku") == [
        (f"CHAIR-{number}", number) for number in range(5)
    ]
    assert count("stock_movements") == 4
    assert rows(STEPS) == [("0",), ("1",), ("2",)]


@pytest.mark.parametrize("after", [False, True])
def test_whoever_is_killed_reading_leaves_the_step_to_the_next(
    clerk: Clerk,
    storage: Storage,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,  # noqa: FBT001  # a case
) -> None:
    path = clerk.started(sheet(CHAIRS))

    with monkeypatch.context() as patched:
        dying = Dying(storage, 1, after=after)
        patched.setattr("tasks.media.storage", lambda: dying)
        with pytest.raises(Killed):
            drain(only=WORK)
    make_due()
    drain(only=WORK)

    assert counts(seen(clerk, path)) == (5, 0, 0, 0)


def test_a_worker_that_was_frozen_changes_nothing_any_more(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clerk.started(sheet(CHAIRS))
    read = importing._read

    def freeze(*words: Any) -> Any:
        batch = read(*words)
        monkeypatch.setattr(importing, "_read", read)
        make_due()
        drain(only=WORK)  # another one takes over
        return batch

    monkeypatch.setattr(importing, "_read", freeze)
    drain(only=WORK)

    assert counts(seen(clerk, path)) == (5, 0, 0, 0)
    assert count("stock_movements") == 4


def test_the_same_step_owed_twice_is_done_once(clerk: Clerk) -> None:
    path = clerk.started(sheet(CHAIRS))
    do_one(0)
    again = "SET state = 'pending', done_at = NULL, run_after = now()"
    change(f"UPDATE deliveries {again} WHERE state = 'done'")  # our own words
    drain(only=WORK)

    assert (seen(clerk, path)["status"], counts(seen(clerk, path))) == ("done", (5, 0, 0, 0))


def test_a_step_that_somebody_did_meanwhile_is_not_done_again(clerk: Clerk) -> None:
    path = clerk.started(sheet(CHAIRS))
    do_one(0)
    before = seen(clerk, path)
    late = Batch([RawRow(1, 2, CHAIRS[0] | {"price": "1"})], size=1, lines=1)

    with transaction() as session:
        imports.do_step(session, UUID(before["id"]), late, step=0, currency="USD")

    assert seen(clerk, path) == before
    assert rows("SELECT count(*) FROM variants WHERE price_amount = 1") == [(0,)]


def test_who_cancels_ends_it_between_two_steps(clerk: Clerk) -> None:
    path = clerk.started(sheet(CHAIRS))
    do_one(0)
    answer = clerk.admin.post(f"{path}/cancel")
    again = clerk.admin.post(f"{path}/cancel")
    drain(only=WORK)

    assert (answer.status_code, answer.get_json()["status"], again.get_json()) == (
        200,
        "cancelled",
        answer.get_json(),
    )
    assert seen(clerk, path) == answer.get_json()
    assert count("variants") == 2
    assert rows("SELECT state FROM deliveries WHERE consumer = 'transfers.import_step'") == [("done",)] * 2


def test_what_has_ended_is_not_cancelled(clerk: Clerk) -> None:
    job = clerk.imported(sheet(CHAIRS))

    answer = clerk.admin.post(f"/v1/admin/imports/{job['id']}/cancel")

    assert (answer.status_code, answer.get_json()["type"], answer.get_json()["import_status"]) == (
        409,
        "/problems/transfer-over",
        "done",
    )
    assert seen(clerk, f"/v1/admin/imports/{job['id']}") == job


def test_two_imports_at_once_of_the_same_rows_make_them_once(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STEP", 50)
    many = [
        CHAIR | {"sku": f"CHAIR-{number}", "product": f"chair-{number % 40}", "stock": str(number % 3)}
        for number in range(80)
    ]
    paths = [clerk.started(sheet(many)), clerk.started(sheet(list(reversed(many))))]

    together(*[partial(drain, only=WORK)] * 2)
    for _ in range(10):  # one that met the other is repeated
        make_due()
        drain(only=WORK)

    jobs = [seen(clerk, path) for path in paths]
    assert [(job["status"], job["rows"]["read"], job["rows"]["refused"]) for job in jobs] == [
        ("done", 80, 0)
    ] * 2
    assert (count("products"), count("variants"), count("stock_levels"), count("listings")) == (
        40,
        80,
        80,
        40,
    )
    assert sum(job["rows"]["created"] for job in jobs) == 80
    assert rows("SELECT sum(on_hand) FROM stock_levels") == rows("SELECT sum(change) FROM stock_movements")


def test_a_file_that_cannot_be_read_now_is_read_later(
    clerk: Clerk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clerk.started(sheet(CHAIRS))
    with monkeypatch.context() as patched:
        patched.setattr("tasks.media.storage", lambda: Dying(storage, -1, away=True))
        drain(only=WORK)
    noted = rows("SELECT state, last_error FROM deliveries WHERE consumer = 'transfers.import_step'")
    make_due()
    drain(only=WORK)

    assert noted == [("pending", "StorageAway: no answer")]
    assert seen(clerk, path)["status"] == "done"


def test_a_file_that_is_gone_fails_the_import(clerk: Clerk, storage: Storage) -> None:
    path = clerk.started(sheet(CHAIRS))
    do_one(0)
    storage.delete([f"imports/{path.rpartition('/')[2]}"])
    drain(only=WORK)

    job = seen(clerk, path)
    assert (job["status"], job["problem"], counts(job)) == ("failed", "The file is gone.", (2, 0, 0, 0))


def test_a_line_without_an_end_fails_the_import_and_keeps_what_was_done(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PIECE", 600)
    path = clerk.started("sku,product,name,price\nA,a,A,1\n" + f"B,b,B,{'1' * 2000}\nC,c,C,1\n")
    drain(only=WORK)

    job = seen(clerk, path)
    assert (job["status"], counts(job)) == ("failed", (1, 0, 0, 0))
    assert "longer than" in job["problem"]


def test_a_deadlock_is_repeated(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clerk.started(sheet(CHAIRS))

    def deadlock(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    with monkeypatch.context() as patched:
        patched.setattr(imports, "import_rows", deadlock)
        drain(only=WORK)
    make_due()
    drain(only=WORK)

    assert counts(seen(clerk, path)) == (5, 0, 0, 0)
