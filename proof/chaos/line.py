"""One connection through a proxy, and what can befall it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

COMMIT = b"COMMIT\x00"
"""How psycopg ends a transaction: a statement of its own, in its own message."""
BEFORE, ALONG, AFTER = "before", "along", "after"
"""Ways to cut around a COMMIT: the server never hears of it; hears of it while the connection ends; has done
it, and its answer is lost."""
RESET = "reset"
"""How it is counted that a connection was broken off."""


@dataclass(slots=True)
class Weather:
    """What befalls all connections of a proxy now. `delay` in seconds, each way; `black` swallows all bytes.

    `cuts` says how many commits are still to be cut in which way, `befell` how often what was done.
    """

    delay: float = 0.0
    black: bool = False
    cuts: Counter[str] = field(default_factory=Counter)
    befell: Counter[str] = field(default_factory=Counter)

    def next_cut(self) -> str | None:
        """The way in which the commit at hand is cut, if one is ordered: one less is left."""
        way = next((way for way, left in self.cuts.items() if left > 0), None)
        if way is not None:
            self.cuts[way] -= 1
            self.befell[way] += 1
        return way


class Way:
    """One direction: what goes in comes out in the same order, as late as the weather says."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._out: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._due = 0.0
        self._lossy = False

    def lead_to(self, out: asyncio.Transport) -> None:
        """From now on it has an end; what waited for that goes out."""
        self._out = out
        for data in self._early:
            out.write(data)

    def take(self, data: bytes) -> None:
        """Pass it on, or swallow it: once something is lost, nothing may follow it."""
        self._lossy = self._lossy or self._weather.black
        if self._lossy:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        due = max(now + self._weather.delay, self._due)
        if due <= now:
            self._put(data)
        else:
            self._due = due + 1e-6  # nothing overtakes what is on its way, also when the weather clears
            loop.call_at(due, self._put, data)

    @property
    def lossy(self) -> bool:
        """Whether something was swallowed here, so that both ends would wait for ever."""
        return self._lossy

    def _put(self, data: bytes) -> None:
        if self._out is None:
            self._early.append(data)
        elif not self._out.is_closing():
            self._out.write(data)


class Line:
    """Two ends that are joined."""

    def __init__(self, weather: Weather, client: asyncio.Transport) -> None:
        self._weather = weather
        self._ends = [client]
        self._there, self._back = Way(weather), Way(weather)
        self._back.lead_to(client)
        self._loses_answer = False

    def join(self, server: asyncio.Transport) -> None:
        """The server has taken the call; it gets what was said meanwhile."""
        self._ends.append(server)
        self._there.lead_to(server)

    def from_client(self, data: bytes) -> None:
        """Hand over what the client said; a COMMIT may be cut around."""
        way = self._weather.next_cut() if COMMIT in data else None
        if way == BEFORE:
            self.break_off()
            return
        self._there.take(data)
        self._loses_answer = self._loses_answer or way == AFTER
        if way == ALONG:
            self._ends[0].abort()  # the server's end is closed when that is noticed, after what was written

    def from_server(self, data: bytes) -> None:
        """Hand over what the server said, unless it is the answer that must be lost."""
        if self._loses_answer:
            self.break_off()
        else:
            self._back.take(data)

    @property
    def lossy(self) -> bool:
        """Whether something that was said here has been swallowed."""
        return self._there.lossy or self._back.lossy

    def break_off(self) -> None:
        """End both connections at once, without a goodbye."""
        self._end(lambda end: end.abort())

    def close(self) -> None:
        """End both connections, once everything is handed over."""
        self._end(lambda end: end.close())

    def _end(self, how: Callable[[asyncio.Transport], None]) -> None:
        for end in self._ends:
            if not end.is_closing():
                how(end)
