"""A reader who does not read is dropped: what waits for them has a bound."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from app.events.feed import START, Position
from app.live.services.news import News
from app.live.services.tickets import Ticket
from app.platform import clock
from app.platform.party import Party
from live import channels
from live.channels import ServerSentEvents
from live.listener import MOST_WAITING, TOO_SLOW, Ended, Listener


def ticket() -> Ticket:
    return Ticket(Party(token_hash="x"), None, None, START, clock.now() + timedelta(minutes=1))


def news(number: int) -> News:
    return News(Position(1, number), clock.now(), (), b"{}", b"{}")


def test_who_is_too_far_behind_is_dropped_with_all_that_waited() -> None:
    async def fall_behind() -> tuple[str, int | None]:
        listener = Listener(ticket())
        for number in range(MOST_WAITING):
            listener.tell(news(number))
        taken = await listener.next(within=1)
        listener.tell(news(0))
        listener.tell(news(1))
        listener.tell(news(2))
        with pytest.raises(Ended) as end:
            await listener.next(within=1)
        return end.value.reason, taken.position.sequence if taken else None

    assert asyncio.run(fall_behind()) == (TOO_SLOW, 0)


def test_a_send_that_the_reader_does_not_take_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PATIENCE_SECONDS", 0.05)

    async def never(_: MutableMapping[str, Any]) -> None:
        await asyncio.Event().wait()

    send: Callable[[MutableMapping[str, Any]], Awaitable[None]] = never
    with pytest.raises(Ended) as end:
        asyncio.run(ServerSentEvents(send, []).beat())

    assert end.value.reason == TOO_SLOW
