from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from flask_smorest import Blueprint
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from app.platform.errors import AppError, Conflict, NotAuthenticated, Unavailable
from app.platform.problems import ProblemApi
from tests.factories import signed_in
from tests.platform.conftest import Lines
from tests.platform.routes import GET, POST, Views

MEMBERS = {"type", "title", "status", "detail", "request_id"}


def shape(answer: TestResponse) -> tuple[int, str, str]:
    """Status, media type and problem type, after a look at what all problems have in common."""
    body = answer.get_json()
    assert body.keys() >= MEMBERS
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return answer.status_code, answer.content_type, body["type"]


def problem(status: int, code: str) -> tuple[int, str, str]:
    return status, "application/problem+json", f"/problems/{code}"


def test_an_unknown_address_is_404(client: FlaskClient) -> None:
    assert shape(client.get("/v1/nothing")) == problem(404, "not-found")


def test_an_address_with_nul_is_404(client: FlaskClient) -> None:
    assert client.get("/v1/products/%00").status_code == 404


def test_another_method_is_405_and_told_which_are_taken(client: FlaskClient) -> None:
    answer = client.delete(GET)

    assert shape(answer) == problem(405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.put(GET, data="a", content_type="text/plain").status_code == 405


def test_half_a_character_in_a_fields_name_is_422_like_any_other_wrong_name(client: FlaskClient) -> None:
    answer = client.post("/v1/auth/login", data='{"\\ud800": 1}', content_type="application/json")

    assert shape(answer) == problem(422, "invalid")
    assert answer.get_json()["errors"]["?"] == ["Unknown field."]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_json_is_415(client: FlaskClient, content_type: str) -> None:
    answer = client.post(POST, data="email=a", content_type=content_type)

    assert shape(answer) == problem(415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body", ["{", "nothing", "{'email': 1}", b"\xff\xfe", '{"email": ' + "1" * 5000 + "}"]
)
def test_json_that_cannot_be_read_is_400(client: FlaskClient, body: str | bytes) -> None:
    answer = client.post(POST, data=body, content_type="application/json")

    assert shape(answer) == problem(400, "bad-request")


@pytest.mark.parametrize("depth", [1_100, 100_000])
def test_json_that_is_nested_too_deeply_is_400(client: FlaskClient, depth: int) -> None:
    answer = client.post(POST, data="[" * depth, content_type="application/json")

    assert shape(answer) == problem(400, "bad-request")


def test_a_body_of_more_than_a_megabyte_is_413(client: FlaskClient) -> None:
    body = b'{"email": "' + b"a" * 1_000_000 + b'"}'

    answer = client.post(POST, data=body, content_type="application/json")

    assert shape(answer) == problem(413, "content-too-large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/users/me/email", 401),
        ("POST", "/nowhere", 404),
        ("PUT", GET, 405),
        ("POST", "/health", 405),
    ],
)
def test_a_refusal_leaves_nothing_of_the_body_on_the_connection(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    body = BytesIO(b'{"email": "' + b"x" * 200_000 + b'"}')

    answer = client.open(
        path, method=method, input_stream=body, content_length=200_013, content_type="application/json"
    )

    assert (answer.status_code, body.tell()) == (status, 200_013)


def test_a_body_that_turns_out_to_be_more_than_a_megabyte_is_413(client: FlaskClient) -> None:
    chunks = BytesIO(b'{"email": "' + b"a" * 1_000_000 + b'"}')

    answer = client.post(
        POST,
        input_stream=chunks,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert shape(answer) == problem(413, "content-too-large")


@pytest.mark.parametrize("content_type", [None, "application/json"])
def test_a_body_that_was_left_out_is_400(client: FlaskClient, content_type: str | None) -> None:
    headers = signed_in(client)

    answer = client.patch("/v1/users/me", content_type=content_type, headers=headers)

    assert shape(answer) == problem(400, "bad-request")


def test_wrong_values_are_422_and_named_by_their_path(client: FlaskClient) -> None:
    headers = signed_in(client)
    address = {"name": "Ada", "line1": "1 Lane", "city": "London", "country": "gb"}

    answer = client.post(
        "/v1/checkout",
        json={"shipping_address": address, "payment_flow": "barter", "colour": "red"},
        headers=headers | {"Idempotency-Key": "a"},
    )

    assert shape(answer) == problem(422, "invalid")
    errors = answer.get_json()["errors"]
    assert {"shipping_address.country", "payment_flow", "colour"} == errors.keys()
    assert errors["colour"] == ["Unknown field."]


@pytest.mark.parametrize("body", ["[]", '"text"', "5"])
def test_a_body_that_is_no_object_is_422(client: FlaskClient, body: str) -> None:
    answer = client.post(POST, data=body, content_type="application/json")

    assert shape(answer) == problem(422, "invalid")
    assert answer.get_json()["errors"] == {"_schema": ['Must be an object: {"name": ...}.']}


def test_an_outcome_keeps_its_status_its_type_and_what_it_names(client: FlaskClient, views: Views) -> None:
    variants = [UUID(int=1)]

    def fail() -> Response:
        raise Conflict("Two carts at once.", variant_ids=variants)

    views.get(fail)
    answer = client.get(GET)

    assert shape(answer) == problem(409, "conflict")
    body = answer.get_json()
    assert (body["title"], body["detail"]) == ("Conflict", "Two carts at once.")
    assert body["variant_ids"] == [str(variants[0])]
    assert "Retry-After" not in answer.headers


def test_what_an_outcome_names_never_hides_what_every_problem_has(client: FlaskClient, views: Views) -> None:
    def fail() -> Response:
        raise Conflict("Not now.", status="sent", title="x", code="x", request_id="x")

    views.get(fail)

    assert shape(client.get(GET)) == problem(409, "conflict")


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [(NotAuthenticated("Who?"), "WWW-Authenticate", "Bearer"), (Unavailable("Later."), "Retry-After", "2")],
)
def test_an_outcome_says_in_its_header_what_to_do(
    client: FlaskClient, views: Views, error: AppError, header: str, value: str
) -> None:
    def fail() -> Response:
        raise error

    views.get(fail)
    answer = client.get(GET)

    assert answer.status_code == error.status
    assert answer.headers[header] == value


def test_a_bug_is_a_bare_500_whose_trace_is_in_the_log_only(
    client: FlaskClient, views: Views, lines: Lines
) -> None:
    def fail() -> Response:
        raise ZeroDivisionError("the secret of the house")

    views.get(fail)
    answer = client.get(GET)

    assert shape(answer) == problem(500, "internal-server-error")
    assert answer.get_json().keys() == MEMBERS
    assert "secret" not in answer.text
    assert "Zero" not in answer.text
    (line,) = (line for line in lines() if line["event"] == "unexpected_error")
    assert line["request_id"] == answer.get_json()["request_id"]
    assert "in fail\n" in line["exception"]
    assert line["level"] == "error"


def test_without_a_free_connection_the_answer_is_503(client: FlaskClient, views: Views) -> None:
    def fail() -> Response:
        raise PoolTimeout

    views.get(fail)
    answer = client.get(GET)

    assert shape(answer) == problem(503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_the_callers_request_id_is_kept(client: FlaskClient, given: str) -> None:
    assert client.get(GET, headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", 'a"}', "é"])
def test_without_a_good_request_id_each_answer_gets_its_own(client: FlaskClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}

    made = {UUID(client.get(GET, headers=headers).headers["X-Request-Id"]).version for _ in range(2)}
    ids = {client.get(GET, headers=headers).headers["X-Request-Id"] for _ in range(2)}

    assert made == {7}
    assert len(ids) == 2


def test_what_a_document_says_is_worked_out_once_and_only_when_somebody_asks() -> None:
    app, blueprint = Flask("small"), Blueprint("lamps", "lamps", description="All about lamps.")
    app.config.update(API_TITLE="Small", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    blueprint.add_url_rule("/lamps", view_func=lambda: "two lamps", endpoint="lamps")
    api = ProblemApi(app)

    api.register_blueprint(blueprint)

    assert app.test_client().get("/lamps").text == "two lamps"
    assert api._spec.to_dict()["paths"] == {}
    documents = [api.spec.to_dict() for _ in range(2)]
    assert [list(each["paths"]) for each in documents] == [["/lamps"]] * 2
    tag = {"name": "lamps", "description": "All about lamps."}
    assert [each["tags"] for each in documents] == [[tag]] * 2
