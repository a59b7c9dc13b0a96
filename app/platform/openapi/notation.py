"""What a view says about itself for the document; all else is derived from its guards and arguments."""

from collections.abc import Callable
from typing import Any, TypeVar

from app.platform.errors import AppError

View = TypeVar("View", bound=Callable[..., Any])


def problems(*errors: type[AppError]) -> Callable[[View], View]:
    """Name the outcomes that a route has of its own. Stands anywhere below `@blueprint.route`.

    Left out is what follows from the rest: 401 and 403 from the guard, 404 from an id in the path, 400, 413,
    415 and 422 from a body or a query, 409 and 422 from an Idempotency-Key, 500 and 503 from being a route.
    """

    def mark(view: View) -> View:
        vars(view)["problems"] = errors
        return view

    return mark


def takes_key(*, required: bool) -> Callable[[View], View]:
    """Say that a route reads the `Idempotency-Key` header, and whether it must come."""

    def mark(view: View) -> View:
        vars(view)["key_required"] = required
        return view

    return mark
