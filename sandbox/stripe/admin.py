"""Orders to the stand-in itself, which Stripe does not have; they need the secret key."""

import json
from dataclasses import asdict
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from flask import Blueprint, Response, request

from sandbox.stripe import deliveries, searching, time_travel
from sandbox.stripe.background import Background
from sandbox.stripe.books import Books, Json
from sandbox.stripe.calls import encode
from sandbox.stripe.deliveries import Mode
from sandbox.stripe.errors import malformed
from sandbox.stripe.faults import Fault, Faults
from sandbox.stripe.service import Service

KINDS = (
    "payment_intent",
    "charge",
    "payment_method",
    "customer",
    "deleted_customer",
    "setup_intent",
    "refund",
    "dispute",
    "balance_transaction",
    "checkout.session",
    "webhook_endpoint",
    "deleted_webhook_endpoint",
    "event",
)
Ordered = TypeVar("Ordered", Mode, Fault)


def admin(books: Books, faults: Faults, service: Service, background: Background) -> Blueprint:
    """The routes below /_admin."""
    orders = Orders(books, faults, background)
    routes = Blueprint("admin", __name__, url_prefix="/_admin")
    routes.before_request(lambda: service.check_key(request))
    routes.get("/books")(orders.show_books)
    routes.post("/reset")(orders.reset)
    routes.get("/webhooks")(orders.show_mode)
    routes.post("/webhooks")(orders.set_mode)
    routes.post("/events/<event_id>/resend")(orders.resend)
    routes.get("/events/<event_id>/deliveries")(orders.show_deliveries)
    routes.post("/search")(orders.set_search_lag)
    routes.get("/clock")(orders.show_clock)
    routes.post("/clock")(orders.move_clock)
    routes.get("/faults")(orders.show_faults)
    routes.post("/faults")(orders.order_fault)
    routes.delete("/faults")(orders.clear_faults)
    return routes


class Orders:
    """What can be ordered, as views that take and answer JSON."""

    def __init__(self, books: Books, faults: Faults, background: Background) -> None:
        self._books = books
        self._faults = faults
        self._background = background

    def show_books(self) -> Response:
        """Everything in the books, oldest first."""
        with self._books.transaction() as ledger:
            rows = ledger.execute("SELECT kind, body FROM objects ORDER BY sequence").fetchall()
            keys = ledger.execute("SELECT key, status, request_id, created_at FROM keys ORDER BY created_at")
            shown: Json = {
                "deliveries": deliveries.everything(ledger),
                "idempotency_keys": [dict(row) for row in keys],
            }
        for kind in KINDS:
            shown[f"{kind.replace('.', '_')}s"] = [
                json.loads(row["body"]) for row in rows if row["kind"] == kind
            ]
        return _json(shown)

    def reset(self) -> Response:
        """Forget everything, modes, faults and clock too; no earlier webhook comes after the answer."""
        self._faults.clear()
        self._books.empty()
        time_travel.restore(self._books)
        self._background.finish_sending()
        return _json({})

    def show_mode(self) -> Response:
        """How webhooks are treated now."""
        with self._books.transaction() as ledger:
            return _json(asdict(deliveries.mode(ledger)))

    def set_mode(self) -> Response:
        """Treat webhooks so; what the body leaves out is normal, so an empty body ends every disorder."""
        mode = _ordered(Mode)
        with self._books.transaction() as ledger:
            deliveries.set_mode(ledger, mode)
        return _json(asdict(mode))

    def resend(self, event_id: str) -> Response:
        """Send an old event again, in so many copies."""
        copies = _body().get("copies", 1)
        if not _fits(copies, int):
            raise malformed("copies is a whole number.", param="copies")
        with self._books.transaction() as ledger:
            deliveries.owe(ledger, ledger.find(event_id, "event"), copies=copies)
        return _json({"copies": copies})

    def show_deliveries(self, event_id: str) -> Response:
        """What became of an event's webhooks: state, attempts and last answer by endpoint and copy."""
        with self._books.transaction() as ledger:
            ledger.find(event_id, "event")
            return _json(deliveries.of_event(ledger, event_id))

    def set_search_lag(self) -> Response:
        """Let search find new objects only after so many seconds."""
        seconds = _body().get("lag_seconds", 0)
        if not _fits(seconds, float):
            raise malformed("lag_seconds is a number.", param="lag_seconds")
        with self._books.transaction() as ledger:
            searching.set_lag(ledger, seconds)
        return _json({"lag_seconds": seconds})

    def show_clock(self) -> Response:
        """What time it is here."""
        return _json(time_travel.shown())

    def move_clock(self) -> Response:
        """Let so many seconds have passed."""
        with self._books.transaction() as ledger:
            time_travel.advance(ledger, _body().get("advance_seconds", 0))
        return _json(time_travel.shown())

    def show_faults(self) -> Response:
        """What is still to befall requests."""
        return _json([asdict(fault) for fault in self._faults.ordered()])

    def order_fault(self) -> Response:
        """Let a fault befall the next requests."""
        fault = _ordered(Fault)
        self._faults.order(fault)
        return _json(asdict(fault))

    def clear_faults(self) -> Response:
        """Behave well again."""
        self._faults.clear()
        return _json([])


def _body() -> Json:
    body = request.get_json(silent=True) if request.data else {}
    if not isinstance(body, dict):
        raise malformed("The body must be a JSON object.")
    return body


def _ordered(kind: type[Ordered]) -> Ordered:
    given, hints = _body(), get_type_hints(kind)
    for name in sorted(given.keys() & hints.keys()):
        if not _fits(given[name], hints[name]):
            raise malformed(f"{name} is of another kind of value.", param=name)
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise malformed(str(error)) from error


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value of JSON is what a field takes; of names, the field's own class knows them."""
    hints = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = {get_origin(each) or each for each in hints}
    return Literal in kinds or type(value) in kinds or (float in kinds and type(value) is int)


def _json(shown: Any) -> Response:
    return Response(encode(shown), content_type="application/json")
