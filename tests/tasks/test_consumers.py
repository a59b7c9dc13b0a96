from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.events.services import publish
from app.platform.db import transaction
from tasks import base
from tasks.draining import DRAIN_SECONDS
from tests.database import count
from tests.events.owed import Tried, owe_one, row


class Registry:
    """In the place of Celery's, which shares a task with every app and keeps it."""

    def __init__(self) -> None:
        self.tasks: dict[str, Callable[..., None]] = {}
        self.limits: dict[str, int] = {}

    def task(self, *, name: str, time_limit: int) -> Callable[[Callable[..., None]], None]:
        def register(run: Callable[..., None]) -> None:
            self.tasks[name], self.limits[name] = run, time_limit

        return register


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Where the test's consumers are registered."""
    known = Registry()
    monkeypatch.setattr(base, "app", known)
    return known


def test_a_consumer_is_a_task_that_takes_the_deliverys_id(registry: Registry) -> None:
    @base.consumer("tests.plain", time_limit=7)
    def leave_trace(session: Session, delivery: Delivery) -> None:
        publish(session, Tried(str(delivery.id)))

    delivery_id = owe_one()
    registry.tasks["tests.plain"](delivery_id)

    assert (row(delivery_id).state, count("events")) == ("done", 2)
    assert registry.limits == {"tests.plain": 7 + DRAIN_SECONDS}


def test_a_consumer_that_fails_has_done_nothing_and_is_not_done(registry: Registry) -> None:
    @base.consumer("tests.plain")
    def fail(session: Session, delivery: Delivery) -> None:
        publish(session, Tried(str(delivery.id)))
        raise ZeroDivisionError

    delivery_id = owe_one()
    registry.tasks["tests.plain"](delivery_id)

    assert (row(delivery_id).state, row(delivery_id).failures, count("events")) == ("pending", 1, 1)


def test_a_workflow_that_forgets_to_finish_is_done_again(registry: Registry) -> None:
    @base.workflow("tests.plain")
    def forget(claim: Claim, _: Delivery) -> None:
        with transaction() as session:
            claim.check(session)

    delivery_id = owe_one()
    registry.tasks["tests.plain"](delivery_id)

    assert row(delivery_id).state == "running"


def test_a_workflow_finishes_in_its_own_last_transaction(registry: Registry) -> None:
    @base.workflow("tests.plain")
    def finish(claim: Claim, delivery: Delivery) -> None:
        with transaction() as session:
            claim.check(session)
        with transaction() as session:
            publish(session, Tried(str(delivery.id)))
            claim.finish(session)

    delivery_id = owe_one()
    registry.tasks["tests.plain"](delivery_id)

    assert (row(delivery_id).state, count("events")) == ("done", 2)


def test_a_message_of_tomorrows_release_may_say_more(registry: Registry) -> None:
    @base.consumer("tests.plain")
    def nothing(_: Session, __: Delivery) -> None:
        """Do nothing."""

    delivery_id = owe_one()
    registry.tasks["tests.plain"](delivery_id, colour="red")

    assert row(delivery_id).state == "done"
