"""One stream from its first byte to its last: what was missed, then what happens. No gap, no double."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.events.feed import Position
from app.live.services.news import News
from app.live.services.rules import LiveRules
from app.platform import clock
from app.platform.logging import get_logger
from live.channels import Channel, Receive
from live.hub import Hub
from live.listener import EXPIRED, FAILED, GONE, TOO_SLOW, Ended, Listener
from live.numbers import ENDED, STREAMS, TOLD
from live.reading import Books

log = get_logger("live")

DEAF = {GONE, TOO_SLOW}
"""They would not hear why it ended."""


class Stream:
    """A listener's way from where they stopped to the present, and on with it."""

    def __init__(self, listener: Listener, channel: Channel, after: Position) -> None:
        self.listener = listener
        self.channel = channel
        self._after = after

    async def run(self, hub: Hub, books: Books, rules: LiveRules) -> None:
        """Send until the stream has ended. Raises Ended, and SQLAlchemyError while the database is away."""
        await self.channel.open(self._after)
        await self._catch_up(books)
        await hub.join(self.listener)
        try:
            # What has been told to others since, before this one had joined.
            await self._catch_up(books)
            while True:
                news = await self.listener.next(within=rules.heartbeat.total_seconds())
                await (self.channel.beat() if news is None else self._tell([news]))
        finally:
            hub.part(self.listener)

    async def _catch_up(self, books: Books) -> None:
        is_last = False
        while not is_last:
            self.listener.check()
            page = await books.missed_by(self.listener.ticket, self._after)
            await self._tell(page.news)
            self._after, is_last = max(self._after, page.reached), page.is_last

    async def _tell(self, news: Sequence[News]) -> None:
        ticket = self.listener.ticket
        new = [each for each in news if each.position > self._after]
        texts = [(each.position, each.said_to(ticket)) for each in new]
        said = [(position, text) for position, text in texts if text is not None]
        if said:
            await self.channel.tell(said)
            self._after = said[-1][0]
            TOLD.labels(self.channel.kind).inc(len(said))


async def serve(stream: Stream, receive: Receive, hub: Hub, books: Books, rules: LiveRules) -> str:
    """Run a stream to its end; the answer is why it ended. A reader who can hear it is told."""
    listener, channel = stream.listener, stream.channel
    left = (listener.ticket.expires_at - clock.now()).total_seconds()
    expiry = asyncio.get_running_loop().call_later(left, listener.end, EXPIRED)
    watch = asyncio.create_task(_until_gone(receive, listener))
    STREAMS.labels(channel.kind).inc()
    try:
        reason = await _reason_of_end(stream, hub, books, rules)
        watch.cancel()  # granian does not close a WebSocket that is being read
        if reason not in DEAF:
            with suppress(Ended):
                await channel.end(reason)
    finally:
        expiry.cancel()
        watch.cancel()
        STREAMS.labels(channel.kind).dec()
    ENDED.labels(channel.kind, reason).inc()
    return reason


async def _reason_of_end(stream: Stream, hub: Hub, books: Books, rules: LiveRules) -> str:
    try:
        await stream.run(hub, books, rules)
    except Ended as end:
        return end.reason
    except SQLAlchemyError as error:
        log.warning("database_away", reason=type(error).__name__)
    return FAILED


async def _until_gone(receive: Receive, listener: Listener) -> None:
    """What a reader sends is nothing to us, until it is that they have left."""
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass
    listener.end(GONE)
