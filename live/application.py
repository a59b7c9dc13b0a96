"""The live process as an ASGI application: streams at `/v1/live`, and what machines ask."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.live.errors import TicketNotValid
from app.live.services import tickets
from app.live.services.rules import PATH
from app.live.services.tickets import Ticket
from app.ops.services import exposition
from app.platform import clock, metrics
from app.platform.errors import AppError, NotFound, Unavailable
from app.platform.logging import get_logger
from live.asking import Asking
from live.channels import Channel, Receive, Scope, Send, ServerSentEvents, WebSocket
from live.doors import Doors
from live.hub import Hub
from live.listener import Listener
from live.numbers import REFUSED
from live.reading import Books
from live.refusals import ALLOW, JSON, PROBLEM, TEXT, answer, deny, not_allowed, problem
from live.streaming import Stream, serve

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

log = get_logger("live")


class Application:
    """One process's streams. It must be made where the event loop runs, or before."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._doors = Doors(settings.live)
        self._books = Books()
        self._hub = Hub(self._books, settings.live)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, a WebSocket, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        running = asyncio.create_task(self._hub.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await send({"type": "lifespan.shutdown.complete"})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking = Asking(scope, self._settings.transport)
        try:
            if asking.path != PATH:
                status, body, kind = self._page(asking)
                await answer(send, status, body, kind, asking.headers)
            elif asking.is_preflight:
                await answer(send, 204, b"", TEXT, [*asking.headers, *asking.preflight])
            elif asking.method != "GET":
                await answer(send, 405, not_allowed(asking.request_id), PROBLEM, [*asking.headers, ALLOW])
            else:
                await self._stream(asking, ServerSentEvents(send, asking.headers), receive)
        except AppError as error:
            status, body, headers = problem(error, asking.request_id)
            await answer(send, status, body, PROBLEM, [*asking.headers, *headers])

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking = Asking(scope, self._settings.transport)
        await receive()
        try:
            if asking.path != PATH:
                raise NotFound("There is nothing at this address.")
            asking.insist_on_origin()
            await self._stream(asking, WebSocket(send), receive)
        except AppError as error:
            status, body, headers = problem(error, asking.request_id)
            await deny(send, status, body, PROBLEM, [*asking.headers, *headers])

    async def _stream(self, asking: Asking, channel: Channel, receive: Receive) -> None:
        """Hold a stream to its end. Raises AppError when it cannot be opened."""
        try:
            ticket = self._ticket(asking)
            stream = Stream(Listener(ticket), channel, asking.position(ticket.start))
            with self._doors.inside(ticket):
                await self._insist_on_login(ticket)
                reason = await serve(stream, receive, self._hub, self._books, self._settings.live)
        except AppError as error:
            REFUSED.labels(error.code).inc()
            log.info("stream_refused", request_id=asking.request_id, code=error.code)
            raise
        log.info("stream_ended", request_id=asking.request_id, actor=ticket.caller, reason=reason)

    def _ticket(self, asking: Asking) -> Ticket:
        asking.insist_on_https()
        return tickets.read(asking.field("ticket"), self._settings.jwt_keys, now=clock.now())

    async def _insist_on_login(self, ticket: Ticket) -> None:
        try:
            ended = await self._books.ended([ticket])
        except SQLAlchemyError as error:
            log.warning("database_away", reason=type(error).__name__)
            raise Unavailable("The database does not answer. Come again a little later.") from error
        if ended:
            raise TicketNotValid("The login that this ticket was given to has ended.")

    def _page(self, asking: Asking) -> tuple[int, bytes, bytes]:
        if asking.path == "/health":
            return 200, b'{"status":"ok"}', JSON
        if asking.path == "/metrics":
            known = self._settings.monitoring
            is_open = self._settings.app_env == "development"
            exposition.check_reader(asking.header("authorization"), known.metrics_token, is_open=is_open)
            counted = metrics.collector(known.metrics_folder)
            return 200, exposition.page(counted), TEXT
        raise NotFound("There is nothing at this address.")
