"""Every failure as one kind of answer: RFC 9457, `application/problem+json`."""

import json
from http import HTTPStatus
from threading import RLock
from typing import Any

import orjson
from apispec import APISpec
from flask import Flask, Response
from flask_smorest import Api, Blueprint
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.platform import context, error_reports, metrics
from app.platform.errors import AppError, BadRequest, Invalid, NotFound, Unavailable
from app.platform.logging import get_logger
from app.platform.openapi.converter import DescribingPlugin
from app.platform.schemas import ProblemSchema
from app.platform.web import route_template

log = get_logger("app.problems")

OF_HTTP = {
    400: (
        BadRequest.code,
        BadRequest.title,
        "Send a JSON object, spelled correctly.",
    ),
    404: (NotFound.code, NotFound.title, "There is nothing at this address."),
    405: (
        "method-not-allowed",
        "Method not allowed",
        "This address does not take this method; the Allow header lists those it takes.",
    ),
    413: (
        "content-too-large",
        "Content too large",
        "The body is larger than this call takes: 1 MB where no file is sent.",
    ),
    415: (
        "unsupported-media-type",
        "Unsupported media type",
        "Send the body as JSON, with Content-Type: application/json; a file as multipart/form-data.",
    ),
    422: (Invalid.code, Invalid.title, "Some values cannot be accepted; `errors` names them."),
}
"""Code, title and advice of what Flask and webargs raise; Python's phrases change between its versions."""
BUG = "internal-server-error"
BUG_TITLE = "Internal server error"


class ProblemApi(Api):
    """flask-smorest's Api, answering problem documents.

    What its document says of a blueprint is worked out when somebody asks for the document: that takes a
    tenth of a process's start, and most processes are never asked.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = RLock()
        super().__init__(app, spec_kwargs={"marshmallow_plugin": DescribingPlugin()})

    @property
    def spec(self) -> APISpec:
        """The document, of all blueprints that are registered."""
        with self._describing:
            while self._undescribed:
                self._describe(self._undescribed[0])
                del self._undescribed[0]
        return self._spec

    @spec.setter
    def spec(self, spec: APISpec) -> None:
        self._spec = spec

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Serve its routes."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def _describe(self, blueprint: Blueprint) -> None:
        """As flask-smorest does when a blueprint is registered."""
        blueprint.register_views_in_doc(self, self._app, self._spec, name=blueprint.name, parameters=None)
        self._spec.tag({"name": blueprint.name, "description": blueprint.description})

    def handle_http_exception(self, error: HTTPException) -> Response:
        """The problem document of an error that Flask or webargs raised."""
        return _of_http(error)


def register_problems(app: Flask) -> None:
    """Answer each expected error with its document, and everything else with a bare 500."""
    app.register_error_handler(AppError, of_app_error)
    app.register_error_handler(RecursionError, _of_depth)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(PoolTimeout, _of_database)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_bug)


def problem(status: int, code: str, title: str, detail: str, /, **extra: Any) -> Response:
    """The answer itself; `extra` members stand beside the five that every problem has."""
    metrics.PROBLEMS.labels(route_template(), code).inc()
    body = {
        **extra,
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": context.current("request_id"),
    }
    return Response(_encoded(body), status=status, content_type="application/problem+json")


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # a field was named by half a character, which no strict reader takes
        return json.dumps(body, default=str, ensure_ascii=False).encode(errors="replace")


def of_app_error(error: AppError) -> Response:
    """The document of an expected failure."""
    answer = problem(error.status, error.code, error.title, error.detail, **error.extra)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    extra = {}
    if messages := getattr(error, "data", {}).get("messages"):
        extra["errors"] = _by_field(messages)
    code, title, advice = OF_HTTP.get(status, (f"http-{status}", status.phrase, status.description))
    answer = problem(status, code, title, advice, **extra)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _by_field(messages: dict[str, Any]) -> dict[str, list[str]]:
    """Flatten {"json": {"items": {0: {"sku": [...]}}}} to {"items.0.sku": [...]}."""
    flat: dict[str, list[str]] = {}

    def visit(path: str, node: Any) -> None:
        if isinstance(node, dict):
            for name, child in node.items():
                visit(f"{path}.{name}" if path else str(name), child)
        else:
            flat[path.removesuffix("._schema") or "_schema"] = [str(text) for text in node]

    for location in messages.values():
        visit("", location if isinstance(location, dict) else {"_schema": location})
    return flat


def _of_database(error: OperationalError | PoolTimeout) -> Response:
    log.warning("database_unavailable", reason=type(error.__cause__ or error).__name__)
    return of_app_error(Unavailable("The database cannot answer now. Repeat the request in a moment."))


def _of_depth(_: RecursionError) -> Response:
    return of_app_error(BadRequest("The body is nested too deeply."))


def _of_bug(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    error_reports.report(error)
    detail = "Something is wrong on our side. Give the request_id when you report it."
    return problem(500, BUG, BUG_TITLE, detail)
