"""The same news in two forms: server-sent events, and messages of a WebSocket."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol

import orjson

from app.events.feed import Position
from live.listener import FAILED, TOO_SLOW, Ended

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Said = Iterable[tuple[Position, bytes]]

PATIENCE_SECONDS = 10.0
"""A reader who takes nothing for so long is dropped: only so much lies on the way to them."""
SOONEST_RETRY, LATEST_RETRY = 1_000, 4_000
"""Milliseconds, drawn for each stream, so that not all come again at once after a restart."""
TRY_AGAIN_LATER, TICKET_IS_OVER = 1013, 4401
"""How a WebSocket is closed."""


class Channel(Protocol):
    """The way to one reader. Every call raises Ended when they take nothing any more."""

    kind: str

    async def open(self, position: Position) -> None:
        """Begin; what follows is behind this place."""

    async def tell(self, said: Said) -> None:
        """Send news, each with its place."""

    async def beat(self) -> None:
        """Show that the stream lives."""

    async def end(self, reason: str) -> None:
        """Say why it ends, and close it."""


class ServerSentEvents:
    """Over HTTP, for an EventSource."""

    kind = "sse"

    def __init__(self, send: Send, headers: Headers) -> None:
        self._send = send
        self._headers = [(b"content-type", b"text/event-stream"), *headers]

    async def open(self, position: Position) -> None:
        """The headers, the place to go on from, and when to come again."""
        await _patiently(self._send({"type": "http.response.start", "status": 200, "headers": self._headers}))
        retry = random.randint(SOONEST_RETRY, LATEST_RETRY)  # noqa: S311  # no secret
        await self._write(f"retry: {retry}\nid: {position}\n\n".encode())

    async def tell(self, said: Said) -> None:
        """One event each, with its id."""
        await self._write(b"".join(b"id: %s\ndata: %s\n\n" % (str(at).encode(), text) for at, text in said))

    async def beat(self) -> None:
        """A comment."""
        await self._write(b": heartbeat\n\n")

    async def end(self, reason: str) -> None:
        """An event `end`."""
        await self._write(b"event: end\ndata: %s\n\n" % orjson.dumps({"reason": reason}), more=False)

    async def _write(self, content: bytes, *, more: bool = True) -> None:
        await _patiently(self._send({"type": "http.response.body", "body": content, "more_body": more}))


class WebSocket:
    """Over a WebSocket: every message is a JSON object."""

    kind = "websocket"

    def __init__(self, send: Send) -> None:
        self._send = send

    async def open(self, position: Position) -> None:
        """Accept, and say the place to go on from."""
        await _patiently(self._send({"type": "websocket.accept"}))
        await self._write(orjson.dumps({"event": "open", "id": str(position)}))

    async def tell(self, said: Said) -> None:
        """One message each: the fields of the news, and its `id`."""
        for at, text in said:
            await self._write(b'{"id":"%s",%s' % (str(at).encode(), text[1:]))

    async def beat(self) -> None:
        """A message, as browsers do not show pings."""
        await self._write(b'{"event":"heartbeat"}')

    async def end(self, reason: str) -> None:
        """A message, and a close code."""
        await self._write(orjson.dumps({"event": "end", "reason": reason}))
        code = TRY_AGAIN_LATER if reason == FAILED else TICKET_IS_OVER
        await _patiently(self._send({"type": "websocket.close", "code": code, "reason": reason}))

    async def _write(self, content: bytes) -> None:
        await _patiently(self._send({"type": "websocket.send", "text": content.decode()}))


async def _patiently(sending: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await sending
    except TimeoutError:
        raise Ended(TOO_SLOW) from None
