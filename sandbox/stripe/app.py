import stripe
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.stripe.admin import admin
from sandbox.stripe.background import Background
from sandbox.stripe.bank import bank
from sandbox.stripe.books import Books
from sandbox.stripe.calls import Endpoint, Reply, encode
from sandbox.stripe.errors import Refusal
from sandbox.stripe.faults import Faults, Lost
from sandbox.stripe.ids import new_id
from sandbox.stripe.pages.blueprint import pages
from sandbox.stripe.resources import (
    balance_transactions,
    charges,
    checkout_sessions,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    saved_methods,
    setup_intents,
    webhook_endpoints,
)
from sandbox.stripe.service import Service
from sandbox.stripe.settings import Settings

ENDPOINTS: list[Endpoint] = [
    *payment_intents.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *saved_methods.ENDPOINTS,
    *setup_intents.ENDPOINTS,
    *customers.ENDPOINTS,
    *charges.ENDPOINTS,
    *checkout_sessions.ENDPOINTS,
    *refunds.ENDPOINTS,
    *disputes.ENDPOINTS,
    *balance_transactions.ENDPOINTS,
    *events.ENDPOINTS,
    *webhook_endpoints.ENDPOINTS,
]


def create_app(books: Books, settings: Settings, background: Background) -> Flask:
    """The stand-in's HTTP side: Stripe's operations under /v1, its pages, and orders to it under /_admin."""
    app = Flask(__name__)
    faults = Faults()
    service = Service(books, settings, faults)
    for endpoint in ENDPOINTS:
        _serve(app, service, endpoint)
    app.register_blueprint(pages(books, settings))
    app.register_blueprint(bank(books, service))
    app.register_blueprint(admin(books, faults, service, background))
    app.register_error_handler(HTTPException, _unknown_url)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Lost, _hang_up)
    return app


def _serve(app: Flask, service: Service, endpoint: Endpoint) -> None:
    def view(**path: str) -> Response:
        request_id = new_id("req")
        return _respond(service.answer(request, endpoint, path, request_id), request_id)

    name = f"{endpoint.method} {endpoint.path}".replace(".", " ")
    app.add_url_rule(endpoint.path, name, view, methods=[endpoint.method])


def _respond(reply: Reply, request_id: str) -> Response:
    response = Response(reply.body, reply.status, content_type="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = stripe.api_version
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
        response.headers["Original-Request"] = reply.request_id
    response.headers.update(reply.headers)
    if reply.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _refused(refusal: Refusal) -> Response:
    return Response(encode(refusal.body), refusal.status, content_type="application/json")


def _unknown_url(error: HTTPException) -> Response:
    if error.code in (404, 405):
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        return _refused(Refusal(404, "invalid_request_error", message))
    return _refused(Refusal(error.code or 500, "api_error", error.name))


def _hang_up(lost: Lost) -> Response:
    lost.how(request.environ["werkzeug.socket"])
    return Response()
