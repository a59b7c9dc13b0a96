"""The database, read by a few threads however many listen: nothing else of the shop knows of asyncio."""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.events import feed
from app.events.feed import Position
from app.identity.queries import standing
from app.live.services import news
from app.live.services.news import Page
from app.live.services.tickets import Ticket
from app.platform.db import reading

THREADS = 4
"""And as many connections at most."""
PAGE = 200
"""Facts that are read at once."""
T = TypeVar("T")


class Books:
    """What the live process asks of the database. Each raises SQLAlchemyError while that is away."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "reading")

    async def end(self) -> Position:
        """Where the log ends now."""
        return await self._read(feed.end)

    async def news_after(self, position: Position) -> Page:
        """The next news for anybody."""
        return await self._read(lambda session: news.news_after(session, position, limit=PAGE))

    async def missed_by(self, ticket: Ticket, position: Position) -> Page:
        """The next news for the holder of one ticket."""
        return await self._read(lambda session: news.missed_by(session, ticket, position, limit=PAGE))

    async def ended(self, tickets: Collection[Ticket]) -> set[UUID]:
        """Those logins of the tickets that their streams must not outlive."""
        logins = {each.login for each in tickets if each.login is not None}
        operating = {each.login for each in tickets if each.login and each.party.is_operator}
        if not logins:
            return set()
        return logins - await self._read(lambda session: standing(session, logins, operating=operating))

    async def _read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _in_session, work)


def _in_session(work: Callable[[Session], T]) -> T:
    with reading() as session:
        return work(session)
