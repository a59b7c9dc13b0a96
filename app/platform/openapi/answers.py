"""The problem answers of one call, gathered from what its view and its arguments are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.platform.db import Json
from app.platform.errors import (
    AppError,
    BadRequest,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyRequests,
    Unavailable,
)
from app.platform.idempotency import IdempotencyKeyInUse, IdempotencyKeyMissing, IdempotencyKeyReused
from app.platform.openapi.examples import OF_FORMAT
from app.platform.openapi.headers import everywhere, headers, is_limited
from app.platform.problems import BUG, BUG_TITLE, OF_HTTP

MEDIA_TYPE = "application/problem+json"
WITH_BODY = {"post", "put", "patch"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kind of problem: `when` is a sentence for the reader of the document."""

    status: int
    code: str
    title: str
    when: str
    retry: bool = False


def problem_answers(method: str, path: str, operation: Json, marks: Json) -> Json:
    """The answers above 399 of a call, by status, each with an example per problem."""
    by_status: dict[int, dict[str, Outcome]] = {}
    for outcome in _outcomes(method, path, operation, marks):
        by_status.setdefault(outcome.status, {})[outcome.code] = outcome
    return {str(status): _answer(status, by_status[status].values(), marks) for status in sorted(by_status)}


def _outcomes(method: str, path: str, operation: Json, marks: Json) -> Iterator[Outcome]:
    yield from map(_of_class, marks.get("problems", ()))
    if operation.get("security"):
        yield _of_class(NotAuthenticated)
    if marks["access"].roles or marks["access"].scope:
        yield _of_class(NotPermitted)
    if "{" in path:
        yield _of_class(NotFound)
    yield from _of_arguments(method, operation)
    if "key_required" in marks:
        yield from map(_of_class, (BadRequest, IdempotencyKeyInUse, IdempotencyKeyReused))
    if marks.get("key_required"):
        yield _of_class(IdempotencyKeyMissing)
    if is_limited(marks):
        yield _of_class(TooManyRequests)
    if path.startswith("/v1"):
        yield _of_class(Unavailable)
    yield Outcome(500, BUG, BUG_TITLE, "Something is wrong on our side.")


def _of_arguments(method: str, operation: Json) -> Iterator[Outcome]:
    if method in WITH_BODY:
        yield from map(_of_http, (400, 413, 415))
    in_query = any(parameter["in"] == "query" for parameter in operation.get("parameters", ()))
    if in_query or "requestBody" in operation:
        yield _of_class(Invalid)


def _of_class(error: type[AppError]) -> Outcome:
    when = " ".join((error.__doc__ or "").split("\n\n")[0].split())
    return Outcome(int(error.status), error.code, error.title, when, error.retry_after is not None)


def _of_http(status: int) -> Outcome:
    code, title, advice = OF_HTTP[status]
    return Outcome(status, code, title, advice)


def _answer(status: int, outcomes: Iterable[Outcome], marks: Json) -> Json:
    known = sorted(outcomes, key=lambda outcome: outcome.code)
    names = [
        *everywhere(marks),
        *(["Retry-After"] if any(outcome.retry for outcome in known) else []),
        *(["WWW-Authenticate"] if status == NotAuthenticated.status else []),
    ]
    examples = {outcome.code: _example(outcome) for outcome in known}
    return {
        "description": "\n".join(f"- `{outcome.code}`: {outcome.when}" for outcome in known),
        "headers": headers(*names),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }


def _example(outcome: Outcome) -> Json:
    value = {
        "type": f"/problems/{outcome.code}",
        "title": outcome.title,
        "status": outcome.status,
        "detail": outcome.when,
        "request_id": OF_FORMAT["uuid"],
    }
    return {"summary": outcome.title, "value": value}
