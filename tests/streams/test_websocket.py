"""The same news over a WebSocket."""

import asyncio
import json
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from app.orders.events import OrderPacked, OrderShipped
from tests.buyers import Purchase
from tests.streams.listening import address, happen
from tests.streams.process import ORIGIN, LiveProcess
from tests.streams.test_news import ticket

PATIENCE_SECONDS = 15


async def told(url: str, count: int, happens: Any, origin: str | None = None) -> list[Any]:
    """The first messages but heartbeats, and a close code if there are no more."""
    request = HTTPRequest(url.replace("http", "ws", 1), headers={"Origin": origin} if origin else {})
    connection = await websocket_connect(request)
    happens()
    found: list[Any] = []
    text: str | bytes | None = ""
    while len(found) < count:
        text = await connection.read_message()
        if text is None:
            found.append(connection.close_code)
        elif json.loads(text).get("event") != "heartbeat":
            found.append(json.loads(text))
    connection.close()
    while text is not None:  # until both have said goodbye
        text = await connection.read_message()
    return found


def listen(url: str, count: int, happens: Any = lambda: None, origin: str | None = None) -> list[Any]:
    return asyncio.run(asyncio.wait_for(told(url, count, happens, origin), PATIENCE_SECONDS))


def refusal(url: str, origin: str | None = None) -> int:
    try:
        listen(url, 1, origin=origin)
    except HTTPClientError as error:
        return error.code
    return 200


def test_a_websocket_tells_the_same_and_goes_on_where_it_stopped(live: LiveProcess, bought: Purchase) -> None:
    url = ticket(live, bought.buyer)

    opened, first = listen(url, 2, lambda: happen(bought.order_id, OrderPacked, OrderShipped))
    again = listen(f"{url}&last_event_id={first['id']}", 2)

    assert opened["event"] == "open"
    assert (first["topic"], first["title"]) == ("orders.packed", "Order packed")
    assert again[0] == {"event": "open", "id": first["id"]}
    assert (again[1]["topic"], again[1]["order_id"]) == ("orders.shipped", str(bought.order_id))


def test_a_websocket_is_closed_when_the_login_has_ended(live: LiveProcess, bought: Purchase) -> None:
    url = ticket(live, bought.buyer)

    _, end, code = listen(url, 3, lambda: bought.buyer.post("/v1/auth/logout"))

    assert (end, code) == ({"event": "end", "reason": "login-ended"}, 4401)
    assert refusal(url) == 401


def test_a_page_of_another_origin_opens_no_websocket(live: LiveProcess, bought: Purchase) -> None:
    url = address(live.url)

    assert refusal(url, "https://evil.example") == 403
    assert refusal(f"{live.url}/v1/live", ORIGIN) == 401
    assert refusal(url, ORIGIN) == refusal(url, live.url) == 200
