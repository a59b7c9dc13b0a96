"""Expected failures. Each becomes a problem document with its status, type and title; all else is a bug."""

from http import HTTPStatus
from typing import Any, ClassVar


class AppError(Exception):
    """An outcome that the caller is told about.

    `detail` says what happened and what to change, for a person. `extra` are named, JSON-ready members of the
    answer. `code` is stable and ends the problem's type (`/problems/<code>`).
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "Bad request"
    retry_after: int | None = None

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadRequest(AppError):
    """The request cannot be read as it stands."""


class NotAuthenticated(AppError):
    """Nobody known is asking."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not-authenticated"
    title = "Not authenticated"


class NotPermitted(AppError):
    """The caller is known, but not allowed to do this."""

    status = HTTPStatus.FORBIDDEN
    code = "not-permitted"
    title = "Not permitted"


class NotFound(AppError):
    """Absent, or not the caller's to see."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"
    title = "Not found"


class Conflict(AppError):
    """A valid request at the wrong moment."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "Conflict"


class Invalid(AppError):
    """The request is well formed, but a value in it cannot be accepted; `errors` names it by field."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"
    title = "Invalid values"


class TooManyRequests(AppError):
    """The caller asks more often than the limit allows; `Retry-After` says when there is room again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-requests"
    title = "Too many requests"
    retry_after = 1

    def __init__(self, detail: str, *, retry_after: int, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Unavailable(AppError):
    """Something this call needs is down; the same call may be repeated."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Temporarily unavailable"
    retry_after = 2


class Expected(Exception):
    """A way in which work may end that no change of code would heal: it is noted, and no bug."""


class Permanent(Expected):
    """Work that no repetition can heal; its delivery is dead at once and waits for an operator."""
