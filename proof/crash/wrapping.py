"""Wraps, from outside, what the shop speaks to others with: PostgreSQL, Stripe, a mail server, the broker."""

import smtplib
from collections.abc import Callable
from typing import Any

import psycopg
import requests
from celery import Celery
from flask import has_request_context, request
from kombu.exceptions import OperationalError
from requests.adapters import HTTPAdapter
from sqlalchemy import Engine

from app.payments.gateway.observed import operation_of
from app.platform import context
from app.webhooks.gateway.http import HttpPoster
from proof.crash.edges import Edges, Mode, Trouble

Wrapped = Callable[..., Any]
WEBHOOK, TEXT = "call a third party", "text POST"


class Endless(BaseException):
    """A call would wait for ever: nobody has told it how long."""


def wrap(edges: Edges, engine: Engine, celery: Celery) -> None:
    """Have everything that this process does to others from now on cross these edges."""
    _wrap_commits(edges, engine)
    _wrap_http(edges)
    _wrap_webhooks(edges)
    _wrap_mail(edges)
    _wrap_doorbell(edges, celery)


def _who() -> str:
    if has_request_context():
        return f"{request.method} {request.url_rule.rule if request.url_rule else request.path}"
    return context.current("task") or "somebody"


def _wrap_commits(edges: Edges, engine: Engine) -> None:
    commit = engine.dialect.do_commit

    def broken(connection: Any) -> Exception:
        connection.driver_connection.close()
        return psycopg.OperationalError("server closed the connection unexpectedly, as planned")

    def do_commit(connection: Any) -> None:
        cut = lambda: broken(connection)  # noqa: E731
        name = f"{_who()}: commit"
        edges.cross(name, lambda: commit(connection), Trouble(broken=cut, lost=cut, late=None))

    vars(engine.dialect)["do_commit"] = do_commit


def _wrap_http(edges: Edges) -> None:
    send = HTTPAdapter.send
    trouble = Trouble(
        broken=lambda: requests.ConnectionError("Connection refused, as planned"),
        lost=lambda: requests.ConnectionError("Remote end closed connection without response, as planned"),
        late=lambda: requests.ReadTimeout("Read timed out, as planned"),
        repeats=True,
    )

    def crossing(adapter: HTTPAdapter, asked: requests.PreparedRequest, *more: Any, **rest: Any) -> Any:
        if rest.get("timeout") is None:
            raise Endless("a call to Stripe, or of who carries texts")
        method, url = asked.method or "", asked.url or ""
        name = f"{_who()}: {TEXT if url.endswith('/Messages.json') else operation_of(method, url)}"
        return edges.cross(name, lambda: send(adapter, asked, *more, **rest), trouble)

    setattr(HTTPAdapter, "send", crossing)  # noqa: B010  # a method is replaced: mypy forbids it otherwise


def _wrap_webhooks(edges: Edges) -> None:
    """Within what makes an answer of whatever goes wrong outside."""
    call: Wrapped = HttpPoster._call
    trouble = Trouble(
        broken=lambda: ConnectionRefusedError("Connection refused, as planned"),
        lost=lambda: ConnectionResetError("Connection reset by peer, as planned"),
        late=lambda: TimeoutError("timed out, as planned"),
    )

    def crossing(poster: HttpPoster, *words: Any) -> Any:
        return edges.cross(f"{_who()}: {WEBHOOK}", lambda: call(poster, *words), trouble)

    setattr(HttpPoster, "_call", crossing)  # noqa: B010  # a method is replaced: mypy forbids it otherwise


def _wrap_mail(edges: Edges) -> None:
    """A command begins when it is sent and ends when its reply was read; QUIT waits for none."""
    connect, send, getreply = smtplib.SMTP.connect, smtplib.SMTP.send, smtplib.SMTP.getreply

    def begin(server: smtplib.SMTP, command: str) -> None:
        trouble = _mail_trouble(server)
        vars(server)["edge"] = edges.begin(f"{_who()}: SMTP {command}", trouble)

    def connecting(server: smtplib.SMTP, *words: Any, **more: Any) -> Any:
        begin(server, "connect")
        return connect(server, *words, **more)

    def sending(server: smtplib.SMTP, content: str | bytes) -> None:
        if server.sock and server.sock.gettimeout() is None:
            raise Endless("a mail server")
        command = content.split()[0].upper() if isinstance(content, str) else "content"
        begin(server, command)
        send(server, content)
        if command == "QUIT":
            edges.end(vars(server).pop("edge"), _mail_trouble(server))

    def reading(server: smtplib.SMTP) -> tuple[int, bytes]:
        reply = getreply(server)
        mode: Mode | None = vars(server).pop("edge", None)
        edges.end(mode, _mail_trouble(server))
        return reply

    for name, function in {"connect": connecting, "send": sending, "getreply": reading}.items():
        setattr(smtplib.SMTP, name, function)


def _mail_trouble(server: smtplib.SMTP) -> Trouble:
    def gone(words: str) -> Exception:
        server.close()
        return smtplib.SMTPServerDisconnected(words)

    return Trouble(
        broken=lambda: gone("Server not connected, as planned"),
        lost=lambda: gone("Connection unexpectedly closed, as planned"),
        late=lambda: gone("Connection unexpectedly closed: timed out, as planned"),
    )


def _wrap_doorbell(edges: Edges, celery: Celery) -> None:
    send_task: Wrapped = celery.send_task
    trouble = Trouble(
        broken=lambda: OperationalError("Error 111: connection refused, as planned"),
        lost=lambda: OperationalError("Connection closed by server, as planned"),
        late=lambda: OperationalError("Timeout reading from socket, as planned"),
    )

    def ring(name: str, *words: Any, **more: Any) -> Any:
        return edges.cross(f"{_who()}: ring {name}", lambda: send_task(name, *words, **more), trouble)

    vars(celery)["send_task"] = ring
