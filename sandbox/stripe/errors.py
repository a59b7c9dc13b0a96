from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An answer in Stripe's error shape instead of the wanted object.

    `kept` tells whether an idempotency key remembers it: Stripe keeps what went wrong at work, and forgets
    what was refused before the work began. `lasting` tells that the effects so far remain, as a declined
    charge does.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        kept: bool = True,
        lasting: bool = False,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.lasting = lasting
        self.headers = headers or {}
        given = {name: value for name, value in details.items() if value is not None}
        self.body: dict[str, Any] = {"error": {"type": kind, "message": message, **given}}


def invalid(message: str, *, code: str | None = None, param: str | None = None, **details: Any) -> Refusal:
    """A request that is refused at work; a retry with the same key gets the same answer."""
    return Refusal(400, "invalid_request_error", message, code=code, param=param, **details)


def malformed(message: str, *, code: str | None = None, param: str | None = None) -> Refusal:
    """A request that is refused before any work; the same key may be used again with better parameters."""
    return Refusal(400, "invalid_request_error", message, code=code, param=param, kept=False)


def unauthorized(message: str, *, code: str | None = None) -> Refusal:
    """A request with a missing, wrong or too weak key."""
    return Refusal(401, "invalid_request_error", message, code=code, kept=False)


def missing(kind: str, wanted: str, *, param: str = "id") -> Refusal:
    """An id that names nothing: 404 for the object that the path names, 400 for one in a parameter."""
    status = 404 if param == "id" else 400
    message = f"No such {kind}: '{wanted}'"
    return Refusal(status, "invalid_request_error", message, code="resource_missing", param=param)
