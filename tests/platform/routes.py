"""Views of tests in the place of real ones: Flask takes no new route after its first request."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response
from sqlalchemy.orm import Session

from app.events.services import publish
from app.inventory.events import StockAdjusted

GET, GET_ENDPOINT = "/health", "Operations.health"
POST, POST_ENDPOINT = "/v1/auth/register", "Account.register"


class Views:
    """Puts a view behind `GET` or `POST`, till the test ends."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app, self._monkeypatch = app, monkeypatch

    def get(self, view: Callable[..., Any]) -> None:
        assert GET_ENDPOINT in self._app.view_functions
        self._monkeypatch.setitem(self._app.view_functions, GET_ENDPOINT, view)

    def post(self, view: Callable[..., Any]) -> None:
        assert POST_ENDPOINT in self._app.view_functions
        self._monkeypatch.setitem(self._app.view_functions, POST_ENDPOINT, view)


def leave_effect(session: Session) -> None:
    """One effect that can be counted: a row in `events`."""
    publish(session, StockAdjusted(variant_id=UUID(int=1), change=1, reason="received"))


def effective(*, session: Session) -> Response:
    """A view with that effect."""
    leave_effect(session)
    return Response(b'{"effects": 1}', status=201, content_type="application/json")
