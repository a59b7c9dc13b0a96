"""Where all listeners are: the log is read once for all of them, and each gets what is theirs."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

from app.events.feed import START
from app.live.services.news import News
from app.live.services.rules import LiveRules
from app.platform import clock, error_reports
from app.platform.logging import get_logger
from live.listener import LOGIN_ENDED, Listener
from live.numbers import DELAY, LOOKS
from live.reading import Books

log = get_logger("live")

PAUSE_AFTER_FAILURE = 1.0


class Hub:
    """Reads the log while somebody listens, and hands each news to those whom it is for.

    What it tells is in the order of the log, but may begin before the listener had joined.
    """

    def __init__(self, books: Books, rules: LiveRules) -> None:
        self._books = books
        self._rules = rules
        self._position = START
        self._audiences: defaultdict[str, set[Listener]] = defaultdict(set)
        self._listeners: set[Listener] = set()
        self._somebody = asyncio.Event()

    async def join(self, listener: Listener) -> None:
        """Tell the listener everything from the present end of the log on, and perhaps what is before it."""
        if not self._listeners:
            now = await self._books.end()
            # Nobody listened, so nothing between was to be told; unless somebody came meanwhile.
            self._position = self._position if self._listeners else now
        self._listeners.add(listener)
        for audience in listener.ticket.audiences:
            self._audiences[audience].add(listener)
        self._somebody.set()

    def part(self, listener: Listener) -> None:
        """Tell the listener no more. Repeating it does nothing."""
        self._listeners.discard(listener)
        for audience in listener.ticket.audiences:
            self._audiences[audience].discard(listener)
            if not self._audiences[audience]:
                del self._audiences[audience]
        if not self._listeners:
            self._somebody.clear()

    async def run(self) -> None:
        """Read on, and look after the logins, until this is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat(self._read_on, self._rules.poll.total_seconds()))
            tasks.create_task(self._repeat(self._look_after_logins, self._rules.check.total_seconds()))

    async def _repeat(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            await self._somebody.wait()
            try:
                await work()
            except SQLAlchemyError as error:
                LOOKS.labels("failed").inc()
                log.warning("database_away", reason=type(error).__name__)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
            except Exception as error:  # a bug must not silence all streams for good
                log.exception("hub_failed")
                error_reports.report(error)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
            await asyncio.sleep(pause)

    async def _read_on(self) -> None:
        """All news that there are by now."""
        is_last = False
        while not is_last:
            page = await self._books.news_after(self._position)
            LOOKS.labels("done").inc()
            for news in page.news:
                self._tell(news)
            self._position, is_last = page.reached, page.is_last

    def _tell(self, news: News) -> None:
        listeners = self._of(news.audiences)
        if listeners:
            DELAY.labels("log").observe(max(0.0, (clock.now() - news.at).total_seconds()))
        for listener in listeners:
            if news.said_to(listener.ticket) is not None:
                listener.tell(news)

    def _of(self, audiences: Iterable[str]) -> set[Listener]:
        """Those whom any of the audiences has; who belongs to several is one."""
        known = [self._audiences[each] for each in audiences if each in self._audiences]
        return set().union(*known)

    async def _look_after_logins(self) -> None:
        listeners = tuple(self._listeners)
        ended = await self._books.ended([each.ticket for each in listeners])
        for listener in listeners:
            if listener.ticket.login in ended:
                listener.end(LOGIN_ENDED)
