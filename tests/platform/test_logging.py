from io import StringIO

from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import func, insert

from app.events.models import ScheduledJob
from app.platform import context
from app.platform.db import transaction
from app.platform.logging import first_line, get_logger
from tests.database import rows
from tests.factories import signed_in
from tests.platform.conftest import Lines
from tests.platform.routes import GET, Views, leave_effect

CANARY = "canary-4711"


def test_each_request_is_one_line_with_its_id_and_who_asked(client: FlaskClient, lines: Lines) -> None:
    who = signed_in(client)

    client.get("/v1/users/me", headers=who | {"X-Request-Id": "mine"})

    (line,) = (line for line in lines() if line["event"] == "request" and line["path"] == "/v1/users/me")
    assert (line["request_id"], line["method"], line["status"]) == ("mine", "GET", 200)
    assert line["actor"].startswith("user:")
    assert line["milliseconds"] > 0
    assert (line["level"], line["logger"]) == ("info", "app.requests")


def test_every_line_of_a_request_carries_its_id_and_no_other_requests_facts(
    client: FlaskClient, views: Views, lines: Lines
) -> None:
    def view() -> Response:
        get_logger("tests").info("inside")
        return Response("ok")

    views.get(view)
    client.get("/v1/users/me", headers=signed_in(client))
    client.get(GET, headers={"X-Request-Id": "second"})

    inside = [line for line in lines() if line.get("request_id") == "second"]
    assert [line["event"] for line in inside] == ["inside", "request"]
    assert all("actor" not in line for line in inside)


def test_an_event_remembers_the_request_that_it_came_from(client: FlaskClient, views: Views) -> None:
    def view() -> Response:
        context.add(actor="user:1")
        with transaction() as session:
            leave_effect(session)
        return Response("ok")

    views.get(view)
    client.get(GET, headers={"X-Request-Id": "mine"})

    assert rows("SELECT request_id, actor FROM events") == [("mine", "user:1")]


def test_lines_of_libraries_are_json_too(lines: Lines) -> None:
    get_logger("celery.worker").warning("two\nlines")

    assert [line["event"] for line in lines()] == ["two\nlines"]


def test_no_secret_reaches_the_log(client: FlaskClient, logged: StringIO) -> None:
    password, email = f"{CANARY} password", f"{CANARY}@example.com"
    account = {"email": email, "password": password, "full_name": f"{CANARY} Ada"}
    signed = client.post("/v1/auth/register", json=account).get_json()
    client.post("/v1/auth/login", json={"email": email, "password": f"{password}!"})
    client.get(f"/v1/products?q={CANARY}", headers={"Authorization": f"Bearer {signed['access_token']}"})
    client.post("/v1/auth/refresh", json={"refresh_token": signed["refresh_token"]})
    client.get("/v1/users/me", headers={"Authorization": CANARY, "Cookie": CANARY, "X-Api-Key": CANARY})

    text_of_log = logged.getvalue()
    assert text_of_log.count("\n") == 5
    for secret in (CANARY, signed["access_token"], signed["refresh_token"]):
        assert secret not in text_of_log


def test_a_trace_in_the_log_quotes_neither_parameters_nor_rows(
    client: FlaskClient, views: Views, logged: StringIO
) -> None:
    def view() -> Response:
        with transaction() as session:
            for _ in range(2):
                session.execute(insert(ScheduledJob).values(name=CANARY, last_success_at=func.now()))
        return Response("never")

    views.get(view)
    client.get(GET)

    assert "UniqueViolation" in logged.getvalue()
    assert "Traceback" in logged.getvalue()
    assert CANARY not in logged.getvalue()


def test_an_error_is_told_by_its_first_line() -> None:
    assert first_line(ValueError("what\nDETAIL: who")) == "what"
    assert first_line(ValueError()) == ""
