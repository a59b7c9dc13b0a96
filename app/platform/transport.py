"""How answers travel: by HTTPS, to pages of named origins, with headers that tell browsers what not to do."""

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.platform.errors import AppError
from app.platform.openapi.headers import HEADERS
from app.platform.transport_rules import Transport

PLAIN_PATHS = frozenset({"/health", "/ready", "/metrics"})
"""What the machines beside us ask, inside of the house."""
SECRETS = ("Authorization", "X-Api-Key", "X-Cart-Token")
LINK_PARAMETER = "token"
"""In the query of the links in mails: as good as a secret."""
TAKEN = (*SECRETS, "Content-Type", "Idempotency-Key", "X-Request-Id", "Accept-Language", "If-None-Match")
"""The request headers that other origins' pages may send."""
SHOWN = (*HEADERS, "X-Cart-Token", "Content-Disposition")
"""The headers of answers that these pages may read, besides those that every page may."""
PREFLIGHT_SECONDS = 7200
"""Browsers remember no longer than this."""
HARDENING = (
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
NOT_TO_BE_KEPT = ("Cache-Control", "no-store")


class HttpsRequired(AppError):
    """The request came unencrypted, and whatever it brought has been readable on its way."""

    status = HTTPStatus.FORBIDDEN
    code = "https-required"
    title = "HTTPS required"


class Gate:
    """What each request passes on its way in, and each answer on its way out."""

    def __init__(self, rules: Transport) -> None:
        self._rules = rules

    def insist_on_https(self) -> None:
        """Refuse what came unencrypted. It is not redirected: its secrets are out, and must be noticed."""
        if self._rules.https_only and not request.is_secure and request.path not in PLAIN_PATHS:
            raise HttpsRequired("Ask by https://, and renew the credentials that were sent without it.")

    def answer_preflight(self) -> Response | None:
        """What a browser wants to know before it lets a page of another origin ask."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        answer = Response(status=HTTPStatus.NO_CONTENT)
        if request.headers.get("Origin") in self._rules.cors_origins:
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
            answer.headers["Access-Control-Allow-Headers"] = ", ".join(TAKEN)
            answer.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return answer

    def harden(self, response: Response) -> Response:
        """Add the headers. A view that has set its own policy or caching keeps it."""
        headers = response.headers
        secret = any(name in request.headers for name in SECRETS) or LINK_PARAMETER in request.args
        for name, value in (*HARDENING, NOT_TO_BE_KEPT) if secret else HARDENING:
            if name not in headers:  # setdefault() would raise an error to find out
                headers.add(name, value)
        if self._rules.hsts_seconds and request.is_secure:
            headers.add("Strict-Transport-Security", f"max-age={self._rules.hsts_seconds}; includeSubDomains")
        if self._rules.cors_origins:
            self._let_pages_read(response)
        return response

    def _let_pages_read(self, response: Response) -> None:
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if origin in self._rules.cors_origins:
            # No credentials: tokens come in headers, and there are no cookies.
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = ", ".join(SHOWN)


def register_transport(app: Flask, rules: Transport) -> None:
    """Have every request come, and every answer go, as the settings say. Stands before the rate limits."""
    if hops := rules.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # as Flask's docs do
    gate = Gate(rules)
    app.before_request(gate.insist_on_https)
    app.after_request(gate.harden)


def register_preflights(app: Flask, rules: Transport) -> None:
    """Answer what browsers ask before a page of another origin may. Stands after the rate limits."""
    if rules.cors_origins:
        app.before_request(Gate(rules).answer_preflight)
