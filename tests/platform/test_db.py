from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.events.models import ScheduledJob
from app.events.services import record_success
from app.platform import db
from app.platform.db import call_after_commit, locked, transaction
from tests.database import count

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hooked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many jobs were committed, seen from another connection, each time that the hook was called."""
    seen: list[int] = []
    monkeypatch.setattr(db, "_after_commit", {})

    def hook(_: Session) -> None:
        with db.SessionFactory() as other:
            seen.append(int(other.execute(text("SELECT count(*) FROM scheduled_jobs")).scalar_one()))

    call_after_commit("ours", hook)
    return seen


def test_the_hook_is_called_after_the_commit(hooked: list[int]) -> None:
    with transaction() as session:
        record_success(session, "job")
        assert hooked == []

    assert hooked == [1]


def test_what_is_rolled_back_rings_nothing_and_leaves_nothing(hooked: list[int]) -> None:
    def fail() -> None:
        with transaction() as session:
            record_success(session, "job")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert hooked == []
    assert count("scheduled_jobs") == 0


def test_a_second_hook_of_a_name_replaces_the_first(hooked: list[int]) -> None:
    call_after_commit("ours", lambda _: None)

    with transaction() as session:
        record_success(session, "job")

    assert hooked == []


def test_a_lock_reads_again_what_the_session_already_holds() -> None:
    with transaction() as session:
        record_success(session, "job")
    with transaction() as session:
        held = session.scalars(select(ScheduledJob)).one()
        before = held.last_success_at
        with transaction() as other:
            record_success(other, "job")

        session.scalars(locked(select(ScheduledJob))).one()

        assert held.last_success_at > before


def test_a_locked_row_is_waited_for_or_left_out() -> None:
    with transaction() as session:
        record_success(session, "job")
    statement = select(ScheduledJob.name)

    def names() -> list[str]:
        with transaction() as other:
            return list(other.scalars(locked(statement)))

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            session.execute(locked(statement))
            with transaction() as other:
                assert other.scalars(locked(statement, skip_locked=True)).all() == []
            waiting = pool.submit(names)
            assert not wait([waiting], timeout=0.3).done
        assert waiting.result(timeout=20) == ["job"]


def test_no_statement_waits_for_ever() -> None:
    with transaction() as session:
        limits = {
            name: session.execute(text(f"SHOW {name}")).scalar_one()
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "timezone",
            )
        }

    assert limits == {
        "statement_timeout": "15s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
    }


def test_an_error_of_the_database_does_not_quote_its_parameters() -> None:
    def fail() -> None:
        with transaction() as session:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid()), :it"), {"it": 12345})

    with pytest.raises(OperationalError) as caught:
        fail()

    assert "12345" not in str(caught.value)
