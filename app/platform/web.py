"""What every request passes through: its id, its log line, its content type."""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, wraps
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Request, Response, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, class_registry, missing
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.platform import context, errors, metrics, tracing
from app.platform.forms import brings_form
from app.platform.ids import new_id
from app.platform.logging import get_logger
from app.platform.schemas import StrictSchema
from app.platform.uploads import brings_file, expect_file

View = Callable[..., Any]

log = get_logger("app.requests")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LARGEST_BODY = 1_000_000
CHUNK = 65_536
DEEPEST_BODY = 16
POLL_AFTER_SECONDS = 1
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson: a third of the time on a list of products."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """JSON text; UUIDs and aware times included."""
        return orjson.dumps(obj, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """The value of a JSON text. Raises ValueError."""
        return orjson.loads(s)


def answer(schema: str, value: Any, status: int = 200) -> Response:
    """A value dumped by a schema of another package: like a foreign key across packages, it is named."""
    content = current_app.json.dumps(_schema(schema).dump(value))
    return Response(content, status=status, content_type="application/json")


def point_to(response: Response, location: str) -> None:
    """Say where the result of what was taken on appears, and when to look there."""
    response.headers["Location"] = location
    response.headers["Retry-After"] = str(POLL_AFTER_SECONDS)


def leads_to(location: str) -> Callable[[View], View]:
    """Have each answer 202 of a route point to where its result appears: "/v1/admin/exports/{id}".

    In braces stand variables of the path, and fields of the answer. It stands above `@idempotent`, so that
    a replay points there, too.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Response:
            response: Response = view(*args, **kwargs)
            if response.status_code == HTTPStatus.ACCEPTED:
                named = (request.view_args or {}) | (response.get_json(silent=True) or {})
                point_to(response, location.format_map(named))
            return response

        return wrapper

    return decorate


@cache
def _schema(name: str) -> Schema:
    return class_registry.get_class(name)()


def register_web(app: Flask) -> None:
    """Give each request an id that is on its answer and on every log line, event and task that follows."""
    app.json = OrjsonProvider(app)
    # webargs would drop what a query's schema does not know, and a misspelled filter would filter nothing.
    Blueprint.ARGUMENTS_PARSER.DEFAULT_UNKNOWN_BY_LOCATION["query"] = RAISE
    Blueprint.ARGUMENTS_PARSER.location_loader("json")(_body)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_begin)
    app.after_request(_end)
    app.wsgi_app = tracing.trace_requests(app.wsgi_app)  # type: ignore[method-assign, assignment]  # as Flask's docs do


def _body(sent: Request, schema: Schema) -> Any:
    """The body of a request that needs one; webargs would take one that was left out for an empty object."""
    try:
        body = Blueprint.ARGUMENTS_PARSER.load_json(sent, schema)
    except ValueError as error:  # a number of more digits than Python reads
        raise errors.BadRequest("The body has a number of far too many digits.") from error
    if body is missing and not (isinstance(schema, StrictSchema) and schema.may_be_absent):
        raise BadRequest
    if is_deep(body):
        raise errors.BadRequest(f"The body is nested too deeply: {DEEPEST_BODY} levels are the most.")
    return body


def is_deep(value: Any) -> bool:
    """Whether a JSON value has more levels than any body of ours needs."""
    level = [value]
    for _ in range(DEEPEST_BODY):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
    call = f"{_method()} {request.url_rule.rule}" if request.url_rule else None
    context.begin(request_id=request_id, call=call, trace_context=tracing.current())
    metrics.IN_PROGRESS.labels(_method()).inc()
    if "\x00" in request.path:  # PostgreSQL could not even be asked for it
        raise NotFound
    if request.routing_exception is not None:  # another path or method is the answer, whatever came with it
        return None
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if has_body and brings_file():
        return expect_file()
    if has_body and request.method in WITH_BODY and not (request.is_json or brings_form()):
        raise UnsupportedMediaType
    # Werkzeug cuts off what comes in chunks, of a length that nobody told before.
    if has_body and request.content_length is None and len(request.get_data()) >= LARGEST_BODY:
        raise RequestEntityTooLarge
    return None


def _read_the_rest() -> None:
    """Read what nobody has read of the body, up to the limit: the server would cut off the next request."""
    with suppress(HTTPException):
        while request.stream.read(CHUNK):
            pass


def _end(response: Response) -> Response:
    _read_the_rest()
    response.headers["X-Request-Id"] = context.current("request_id") or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    seconds = time.perf_counter() - g.started
    method, route = _method(), route_template()
    metrics.IN_PROGRESS.labels(method).dec()
    metrics.REQUESTS.labels(method, route, response.status_code).inc()
    metrics.REQUEST_SECONDS.labels(method, route).observe(seconds)
    tracing.describe(
        f"{method} {route}", {"http.route": route, "http.response.status_code": response.status_code}
    )
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
    )
    return response


def route_template() -> str:
    """The pattern that the request's path fits, so that a label has few values; `none` without one."""
    return request.url_rule.rule if request.url_rule else "none"


def _method() -> str:
    """The request's method; all that nobody has heard of are one."""
    return request.method if request.method in METHODS else "OTHER"
