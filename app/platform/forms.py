"""Routes that a form without fields calls, or a mail program: what is in the body says nothing new."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

MEDIA_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_MARK = "takes_form"


def takes_form(view: View) -> View:
    """Mark a view that may be called with a form, which it does not read."""
    vars(view)[_MARK] = True
    return view


def brings_form() -> bool:
    """Whether the request in hand brings a form to a view that may be called so."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.mimetype in MEDIA_TYPES and view is not None and _MARK in vars(view)
