"""Answers that are no streams: problem documents, health, metrics, preflights."""

from http import HTTPStatus

import orjson

from app.platform.errors import AppError
from app.platform.problems import OF_HTTP
from live.channels import Headers, Send

JSON, PROBLEM = b"application/json", b"application/problem+json"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"
ALLOW = (b"allow", b"GET, OPTIONS")


async def answer(send: Send, status: int, body: bytes, kind: bytes, headers: Headers) -> None:
    """A whole answer."""
    length = (b"content-length", str(len(body)).encode())
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", kind), length, *headers],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def deny(send: Send, status: int, body: bytes, kind: bytes, headers: Headers) -> None:
    """The same in the place of a WebSocket."""
    all_headers = [(b"content-type", kind), *headers]
    await send({"type": "websocket.http.response.start", "status": status, "headers": all_headers})
    await send({"type": "websocket.http.response.body", "body": body, "more_body": False})


def problem(error: AppError, request_id: str) -> tuple[int, bytes, Headers]:
    """Status, document and headers of an expected failure, as the API's are."""
    headers: Headers = []
    if error.retry_after is not None:
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    status = int(error.status)
    return status, _document(status, error.code, error.title, error.detail, request_id), headers


def not_allowed(request_id: str) -> bytes:
    """The document for a method that nothing here takes."""
    return _document(405, *OF_HTTP[405], request_id)


def _document(status: int, code: str, title: str, detail: str, request_id: str) -> bytes:
    body = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
    return orjson.dumps(body | {"request_id": request_id})
