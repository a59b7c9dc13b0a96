"""A TCP proxy in front of a server, in a thread of its own, whose weather can be ordered."""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable

from proof.chaos.line import RESET, Line, Weather
from sandbox.ports import free_port


class Proxy:
    """Listens on `port` of 127.0.0.1 and leads to the server on `to`. All orders may come from any thread.

    `lines` are the connections that are open. A client
    gets the server's refusal as one that ends at once.
    """

    def __init__(self, to: int) -> None:
        self.port, self._to = free_port(), to
        self.weather = Weather()
        self.lines: set[Line] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"proxy-{self.port}", daemon=True)

    def start(self) -> None:
        """Listen; ready when this returns."""
        ready = threading.Event()
        self._loop.call_soon(lambda: self._loop.create_task(self._listen(ready)))
        self._thread.start()
        ready.wait(timeout=10)

    def stop(self) -> None:
        """Listen no longer, and end every connection."""
        self._order(self._stop)
        self._thread.join(timeout=5)

    def break_off(self, share: float, dice: random.Random) -> None:
        """Reset so many of the connections, chosen by these dice; 1 is all of them."""

        def reset() -> None:
            for line in [line for line in self.lines if dice.random() < share]:
                self.weather.befell[RESET] += 1
                line.break_off()

        self._order(reset)

    def slow_down(self, delay: float) -> None:
        """Let every byte take so many seconds longer each way; 0 is normal."""
        self._order(lambda: setattr(self.weather, "delay", delay))

    def cut_commits(self, way: str, count: int) -> None:
        """Cut the next transactions around their COMMIT."""
        self._order(lambda: self.weather.cuts.update({way: count}))

    def go_black(self) -> None:
        """Swallow everything that is said, on each connection, without ending any."""
        self._order(lambda: setattr(self.weather, "black", True))

    def clear_up(self) -> None:
        """Good weather again: what was swallowed from shows as a reset."""

        def clear() -> None:
            self.weather.black, self.weather.delay = False, 0.0
            self.weather.cuts.clear()
            for line in [line for line in self.lines if line.lossy]:
                self.weather.befell[RESET] += 1
                line.break_off()

        self._order(clear)

    def _order(self, work: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # stopped already
            self._loop.call_soon_threadsafe(work)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _listen(self, ready: threading.Event) -> None:
        self._server = await self._loop.create_server(lambda: _Incoming(self), "127.0.0.1", self.port)
        ready.set()

    def _stop(self) -> None:
        self._server.close()
        for line in list(self.lines):
            line.break_off()
        self._loop.call_later(0.1, self._loop.stop)

    def enter(self, line: Line) -> None:
        """A client has called: lead it on to the server."""
        self.lines.add(line)
        self._loop.create_task(self._lead_on(line))

    def leave(self, line: Line) -> None:
        """One end of the line has gone; the other follows."""
        self.lines.discard(line)
        line.close()

    async def _lead_on(self, line: Line) -> None:
        try:
            await self._loop.create_connection(lambda: _Outgoing(self, line), "127.0.0.1", self._to)
        except OSError:
            line.break_off()


class _Incoming(asyncio.Protocol):
    """The client's end."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # a promise of create_server
        self._line = Line(self._proxy.weather, transport)
        self._proxy.enter(self._line)

    def data_received(self, data: bytes) -> None:
        self._line.from_client(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.leave(self._line)


class _Outgoing(asyncio.Protocol):
    """The server's end."""

    def __init__(self, proxy: Proxy, line: Line) -> None:
        self._proxy, self._line = proxy, line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # a promise of create_connection
        self._line.join(transport)

    def data_received(self, data: bytes) -> None:
        self._line.from_server(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.leave(self._line)
