"""Whatever happens while somebody joins, they are told of it once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.events.feed import START, Position
from app.live.services.news import News, Page
from app.live.services.rules import live_rules
from app.live.services.tickets import Ticket
from app.platform import clock
from app.platform.environment import Environment
from app.platform.party import Party
from live import hub as hubs
from live.channels import Said
from live.hub import Hub
from live.listener import Ended, Listener
from live.reading import Books
from live.streaming import Stream, serve

ORDER = UUID(int=7)
RULES = live_rules(
    Environment({"APP_ENV": "development", "LIVE_POLL": "0.01", "LIVE_HEARTBEAT": "0.2"}), "http://127.0.0.1"
)


class Log(Books):
    """A log in memory: where `coming` has an x, something is written while that question is answered.

    Where it has a !, the database does not answer.
    """

    def __init__(self, coming: str) -> None:
        self.written: list[News] = []
        self._coming = iter(coming)

    def write(self) -> None:
        number = len(self.written) + 1
        at = clock.now()
        self.written.append(News(Position(number, number), at, (f"order:{ORDER}",), b"%d" % number, b""))

    async def _asked(self) -> None:
        what = next(self._coming, ".")
        if what == "x":
            self.write()
        if what == "!":
            raise SQLAlchemyError
        await asyncio.sleep(0)

    async def end(self) -> Position:
        found = self._page(START, limit=99).reached
        await self._asked()
        return found

    async def news_after(self, position: Position) -> Page:
        found = self._page(position, limit=2)
        await self._asked()
        return found

    async def missed_by(self, ticket: Ticket, position: Position) -> Page:
        found = self._page(position, limit=2)
        await self._asked()
        return found

    def _page(self, position: Position, *, limit: int) -> Page:
        behind = [news for news in self.written if news.position > position]
        is_last = len(behind) < limit
        end = Position(len(self.written) + 1, 0)
        return Page(behind[:limit], max(end, position) if is_last else behind[limit - 1].position, is_last)


class Ears:
    """A reader who remembers what they heard, and hangs up in the first silence."""

    kind = "test"

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def open(self, position: Position) -> None:
        """Nothing to be heard."""

    async def tell(self, said: Said) -> None:
        self.heard += [int(text) for _, text in said]

    async def beat(self) -> None:
        raise Ended("gone")

    async def end(self, reason: str) -> None:
        """Nothing to be heard."""


def ticket() -> Ticket:
    return Ticket(Party(), None, ORDER, START, clock.now() + timedelta(minutes=1))


async def heard(log: Log, streams: int) -> list[Sequence[int]]:
    """What so many hear who come one after the other."""
    hub = Hub(log, RULES)
    running = asyncio.create_task(hub.run())
    ears = [Ears() for _ in range(streams)]

    async def listen(each: Ears) -> Any:
        with pytest.raises(Ended):
            await Stream(Listener(ticket()), each, START).run(hub, log, RULES)

    await asyncio.gather(*(listen(each) for each in ears))
    running.cancel()
    return [each.heard for each in ears]


@pytest.mark.parametrize("coming", ["x", ".x", "..x", "...x", "....x", "xxxxxxxx", "x.x.x.x.x", ".xx..xxx"])
@pytest.mark.parametrize("streams", [1, 3])
def test_what_is_written_while_somebody_joins_is_told_once(coming: str, streams: int) -> None:
    log = Log(coming)
    log.write()

    told = asyncio.run(heard(log, streams))

    everything = list(range(1, coming.count("x") + 2))
    assert [len(log.written), *told] == [len(everything), *[everything] * streams]


def test_while_the_database_is_away_streams_stay_and_then_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "PAUSE_AFTER_FAILURE", 0.01)
    log = Log("....!x!x")  # what is missed, the end, what is missed, and news; all with two answers at most
    log.write()

    assert asyncio.run(heard(log, 1)) == [[1, 2, 3]]


def test_a_stream_that_cannot_be_caught_up_ends_so_that_its_reader_comes_again() -> None:
    log = Log("!")

    async def answered() -> str:
        hub = Hub(log, RULES)
        stream = Stream(Listener(ticket()), Ears(), START)
        return await serve(stream, silent, hub, log, RULES)

    assert asyncio.run(answered()) == "failed"


async def silent() -> Any:
    """A reader who says nothing and does not leave."""
    await asyncio.Event().wait()
