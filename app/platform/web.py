"""What every request passes through: its id, its log line, its content type."""

import re
import time
from functools import cache
from typing import Any

import orjson
from flask import Flask, Response, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, class_registry
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from app.platform import context
from app.platform.ids import new_id
from app.platform.logging import get_logger

log = get_logger("app.requests")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LARGEST_BODY = 1_000_000


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


@cache
def _schema(name: str) -> Schema:
    return class_registry.get_class(name)()


def register_web(app: Flask) -> None:
    """Give each request an id that is on its answer and on every log line, event and task that follows."""
    app.json = OrjsonProvider(app)
    # webargs would drop what a query's schema does not know, and a misspelled filter would filter nothing.
    Blueprint.ARGUMENTS_PARSER.DEFAULT_UNKNOWN_BY_LOCATION["query"] = RAISE
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    context.begin(request_id=given if REQUEST_ID.fullmatch(given) else str(new_id()))
    if "\x00" in request.path:  # PostgreSQL could not even be asked for it
        raise NotFound
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if has_body and request.method in {"POST", "PUT", "PATCH"} and not request.is_json:
        raise UnsupportedMediaType


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = context.current("request_id") or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
    )
    return response
