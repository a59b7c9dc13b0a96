"""Only what the provider signed, just now, gets into the inbox."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform import settings as installed
from config import Settings
from tests.database import count, rows
from tests.stand_in import SECRET
from tests.webhooks import event_about, post, sign

BODY = json.dumps(event_about({"id": "cus_1", "object": "customer"}, "customer.created")).encode()


def install_secrets(patch: pytest.MonkeyPatch, settings: Settings, secrets: tuple[str, ...]) -> None:
    """Have the API accept these signing secrets until the test ends."""
    patch.setattr(installed, "_installed", [replace(settings, stripe_webhook_secrets=secrets)])


def test_a_signed_event_is_kept_whole_and_its_processing_is_owed(client: FlaskClient) -> None:
    answer = post(client, BODY, sign(BODY))

    assert (answer.status_code, answer.get_json()) == (200, {"received": True})
    kept = rows("SELECT id, type, object_id, api_version, status, payload FROM provider_events")
    assert kept == [("evt_1", "customer.created", "cus_1", "x", "received", json.loads(BODY))]
    assert rows("SELECT consumer, dedupe_key, state FROM deliveries") == [
        ("settlement.process_event", "evt_1", "pending")
    ]


@pytest.mark.parametrize(
    "changes", [{"data": []}, {"data": {"object": "pi_1"}}, {"data": None}, {"note": "\x00"}, {"id": 1}]
)
def test_a_signed_body_that_is_no_event_of_ours_is_refused(
    client: FlaskClient, changes: dict[str, Any]
) -> None:
    body = json.dumps(json.loads(BODY) | changes).encode()

    assert post(client, body, sign(body)).status_code == 400
    assert count("provider_events") == 0


def test_the_same_event_again_is_welcome_and_changes_nothing(client: FlaskClient) -> None:
    for _ in range(3):
        assert post(client, BODY, sign(BODY)).status_code == 200

    assert (count("provider_events"), count("events"), count("deliveries")) == (1, 1, 1)


@pytest.mark.parametrize("age", [-290, 290])
def test_a_clock_that_is_a_little_off_is_forgiven(client: FlaskClient, age: int) -> None:
    assert post(client, BODY, sign(BODY, age_seconds=age)).status_code == 200


FORGED: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "nonsense": lambda: "nonsense",
    "no moment": lambda: "t=now,v1=0",
    "no digest": lambda: sign(BODY).partition(",")[0],
    "another digest": lambda: f"{sign(BODY).partition(',')[0]},v1={'0' * 64}",
    "another secret": lambda: sign(BODY, secret="whsec_of_somebody_else"),
    "another body": lambda: sign(BODY + b" "),
    "stale": lambda: sign(BODY, age_seconds=301),
    "of the future": lambda: sign(BODY, age_seconds=-330),
    "another scheme": lambda: sign(BODY).replace("v1=", "v0="),
    "not ASCII": lambda: sign(BODY) + "é",
}


@pytest.mark.parametrize("forged", FORGED)
def test_anything_else_is_refused_and_leaves_no_row(client: FlaskClient, forged: str) -> None:
    answer = post(client, BODY, FORGED[forged]())

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/bad-signature"
    assert (count("provider_events"), count("events"), count("deliveries")) == (0, 0, 0)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b'{"id": 1, "type": "x"}', b"\xff", b'{"id": "e"}']
)
def test_a_signed_body_without_an_event_is_refused(client: FlaskClient, body: bytes) -> None:
    assert post(client, body, sign(body)).status_code == 400
    assert count("provider_events") == 0


def test_while_a_secret_is_replaced_both_are_valid(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_secrets(monkeypatch, settings, ("whsec_new", SECRET))
    bodies = [BODY.replace(b"evt_1", name) for name in (b"evt_2", b"evt_3", b"evt_4")]

    statuses = [
        post(client, body, sign(body, secret=secret)).status_code
        for body, secret in zip(bodies, ("whsec_new", SECRET, "whsec_older"), strict=True)
    ]

    assert statuses == [200, 200, 400]
    assert rows("SELECT id FROM provider_events ORDER BY id") == [("evt_2",), ("evt_3",)]


def test_a_replaced_secret_is_worth_nothing(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_secrets(monkeypatch, settings, ("whsec_new",))

    assert post(client, BODY, sign(BODY)).status_code == 400
