"""Listening to the live process over real HTTP."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from app.events import feed
from app.events.events import Event
from app.events.feed import Position
from app.events.services import publish
from app.live.services import tickets
from app.live.services.tickets import Ticket
from app.orders.events import OrderPacked
from app.platform import clock
from app.platform.db import transaction
from app.platform.party import Party
from app.platform.settings import settings
from tests.log import let_log_settle

PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Received:
    """One server-sent event."""

    id: str
    event: str
    data: Any


class Stream:
    """An open stream, or what was answered instead."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
        self._connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        self.answer = self._connection.getresponse()
        self.last_id = ""

    @property
    def problem(self) -> str:
        """The code of the problem that it is."""
        found: str = json.loads(self.answer.read())["type"].removeprefix("/problems/")
        return found

    def lines(self) -> Iterator[str]:
        """What comes, line by line, to the end of the stream."""
        while line := self.answer.readline():
            yield line.decode().rstrip("\n")

    def events(self) -> Iterator[Received]:
        """Events with data, as an EventSource dispatches them."""
        kind, data = "message", ""
        for line in self.lines():
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif not line:
                if data:
                    yield Received(self.last_id, kind, json.loads(data))
                kind, data = "message", ""

    def next(self) -> Received:
        """The next event."""
        return next(self.events())

    def topics(self, count: int) -> list[str]:
        """What the next events are about."""
        found = self.events()
        return [next(found).data["topic"] for _ in range(count)]

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self._connection.close()


@contextmanager
def listening(url: str, *, last_id: str | None = None, **headers: str) -> Iterator[Stream]:
    """A stream until the block ends; it has begun when it is open."""
    more = {} if last_id is None else {"Last-Event-ID": last_id}
    stream = Stream(url, more | headers)
    try:
        yield stream
    finally:
        stream.close()


def address(base: str, *, lifetime: timedelta = timedelta(minutes=1), **values: Any) -> str:
    """Where a ticket of these values opens a stream from now on; a guest's for nothing unless they say so."""
    start = values.pop("start", None) or _end()
    known: dict[str, Any] = {"party": Party(token_hash="x" * 64), "login": None, "order_id": None} | values
    ticket = Ticket(**known, start=start, expires_at=clock.now() + lifetime)
    return f"{base}/v1/live?ticket={tickets.write(ticket, settings().jwt_secret_key)}"


def happen(order_id: UUID, *facts: Callable[[UUID], Event]) -> None:
    """Commit these facts about an order, each by itself; that it was packed, unless others are named."""
    for fact in facts or (OrderPacked,):
        with transaction() as session:
            publish(session, fact(order_id))


def _end() -> Position:
    let_log_settle()
    with transaction() as session:
        return feed.end(session)
