import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from flask import Response
from flask.testing import FlaskClient
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.events.claims import Claim
from app.events.models import ScheduledJob
from app.payments.errors import GatewayUnavailable
from app.platform import error_reports
from app.platform.clock import now
from app.platform.db import transaction
from app.settlement.errors import NotYet
from tasks.base import run_delivery
from tests.events.owed import PLAIN, owe_one, row, subscribe
from tests.ops.conftest import Told
from tests.platform.conftest import views as views  # a fixture of these tests, too
from tests.platform.routes import GET, Views

CANARY = "canary-4711"
DSN = "http://key@127.0.0.1:9/1"


class Kept(Transport):
    """Reports that would have left the machine."""

    reports: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep one."""
        event = envelope.get_event()
        assert event is not None
        self.reports.append(dict(event))


@pytest.fixture
def reports(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What is reported from now on."""
    plain_init = sentry_sdk.init
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: plain_init(**options, transport=Kept))
    monkeypatch.setattr(Kept, "reports", [])
    error_reports.start(told(sentry_dsn=DSN), role="api")
    yield Kept.reports
    error_reports.stop()


def failing(error: Exception) -> Any:
    def view() -> Response:
        secret = CANARY
        assert secret
        raise error

    return view


def test_an_unexpected_error_of_a_request_is_reported_with_its_ids(
    client: FlaskClient, views: Views, reports: list[dict[str, Any]]
) -> None:
    views.get(failing(ValueError("first\nsecond")))

    client.get(GET, headers={"X-Request-Id": "mine"})

    (report,) = reports
    assert report["tags"] == {"role": "api", "request_id": "mine"}
    (error,) = report["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "first")
    assert error["stacktrace"]["frames"][-1]["function"] == "view"


def test_a_report_quotes_neither_variables_nor_headers_nor_bodies_nor_rows(
    client: FlaskClient, views: Views, reports: list[dict[str, Any]]
) -> None:
    def view() -> Response:
        with transaction() as session:
            for _ in range(2):
                session.execute(insert(ScheduledJob).values(name=CANARY, last_success_at=now()))
        return Response("never")

    views.get(view)
    client.get(f"{GET}?q={CANARY}", headers={"Authorization": CANARY, "Cookie": CANARY})
    views.get(failing(KeyError(f"{CANARY}@example.com")))
    client.get(GET)

    assert [report["exception"]["values"][-1]["type"] for report in reports] == [
        IntegrityError.__name__,
        "KeyError",
    ]
    assert CANARY not in json.dumps(reports, default=str)


def test_an_unexpected_error_of_a_task_is_reported_with_its_delivery(
    database: None, monkeypatch: pytest.MonkeyPatch, reports: list[dict[str, Any]]
) -> None:
    subscribe(monkeypatch, PLAIN)
    delivery_id = owe_one()

    def work(_: Claim) -> None:
        raise ZeroDivisionError

    run_delivery(PLAIN.consumer, delivery_id, work, 20)

    (report,) = reports
    event_id = str(row(delivery_id).event_id)
    assert report["tags"] == {
        "role": "api",
        "task": "tests.plain",
        "delivery_id": str(delivery_id),
        "event_id": event_id,
    }


@pytest.mark.parametrize("error", [NotYet("later"), GatewayUnavailable("Timeout")])
def test_what_is_expected_to_happen_is_not_reported(
    database: None, monkeypatch: pytest.MonkeyPatch, reports: list[dict[str, Any]], error: Exception
) -> None:
    subscribe(monkeypatch, PLAIN)
    delivery_id = owe_one()

    def work(_: Claim) -> None:
        raise error

    run_delivery(PLAIN.consumer, delivery_id, work, 20)

    assert reports == []
    assert row(delivery_id).failures == 1


def test_a_refusal_is_not_reported(client: FlaskClient, reports: list[dict[str, Any]]) -> None:
    assert client.get("/v1/orders").status_code == 401
    assert client.get("/v1/nothing").status_code == 404

    assert reports == []
