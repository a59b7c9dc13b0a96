"""One stream as the hub knows it: what is on its way there, and whether it has ended."""

import asyncio
from collections import deque

from app.live.services.news import News
from app.live.services.tickets import Ticket

MOST_WAITING = 256
"""News that wait for a reader; who is further behind is dropped, and comes again with the last id it got."""
GONE, TOO_SLOW, EXPIRED, LOGIN_ENDED, FAILED = REASONS = (
    "gone",
    "too-slow",
    "ticket-expired",
    "login-ended",
    "failed",
)
"""Why a stream ends; failed: the database did not answer."""


class Ended(Exception):
    """The stream is over; `reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Listener:
    """Gets news at once, and hands them out one by one."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.reason: str | None = None
        self._waiting: deque[News] = deque()
        self._bell = asyncio.Event()

    def tell(self, news: News) -> None:
        """Put the news at the end of what waits, or end the stream of a reader who is too slow."""
        if len(self._waiting) >= MOST_WAITING:
            self.end(TOO_SLOW)
        elif self.reason is None:
            self._waiting.append(news)
            self._bell.set()

    def end(self, reason: str) -> None:
        """Have the stream end, for the first reason that is given."""
        if self.reason is None:
            self.reason = reason
            self._waiting.clear()
            self._bell.set()

    def check(self) -> None:
        """Raises Ended when the stream is over."""
        if self.reason is not None:
            raise Ended(self.reason)

    async def next(self, *, within: float) -> News | None:
        """The next news; None when there have been none for `within` seconds. Raises Ended."""
        self.check()
        if not self._waiting:
            self._bell.clear()
            try:
                async with asyncio.timeout(within):
                    await self._bell.wait()
            except TimeoutError:
                return None
        self.check()
        return self._waiting.popleft()
