from typing import Any

import pytest
from flask.testing import FlaskClient

from app.settlement import services
from tests.database import rows
from tests.ops.conftest import Scrape
from tests.ops.conftest import scrape as scrape  # a fixture of these tests, too


def registered(name: str) -> Any:
    """The shop's task of this name; Celery's settings are read only when it is asked for."""
    from tasks.celery import app

    app.loader.import_default_modules()
    return app.tasks[name]


def test_what_beat_starts_is_counted_and_timed(client: FlaskClient, scrape: Scrape) -> None:
    before = scrape()
    registered("settlement.expire_due").apply()

    after = scrape()
    assert after.since(before, "backroom_task") == {
        "backroom_task_runs_total{outcome=done,task=settlement.expire_due}": 1,
        "backroom_task_seconds_count{task=settlement.expire_due}": 1,
    }


def test_its_failures_are_counted_apart(
    client: FlaskClient, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(services, "expire_due")
    before = scrape()
    registered("settlement.expire_due").apply()

    counted = scrape().since(before, "backroom_task_runs")
    assert counted == {"backroom_task_runs_total{outcome=failed,task=settlement.expire_due}": 1}


def test_deliveries_have_numbers_of_their_own(client: FlaskClient, scrape: Scrape) -> None:
    before = scrape()
    registered("orders.finalize").apply(args=(7,))

    assert scrape().since(before, "backroom_task") == {}


def test_the_sweep_of_holds_says_that_it_was_done(client: FlaskClient) -> None:
    registered("inventory.expire_holds").apply()

    assert rows("SELECT name FROM scheduled_jobs") == [("inventory.expire_holds",)]
