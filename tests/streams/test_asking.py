"""How a request came, as the proxies that are believed tell it."""

from dataclasses import replace

import pytest

from app.events.feed import START, Position
from app.platform.errors import BadRequest, NotPermitted
from app.platform.settings import settings
from app.platform.transport import HttpsRequired
from live.asking import Asking

TICKET = b"ticket=x&last_event_id=7-8"


def asking(scheme: str = "http", hops: int = 1, query: bytes = TICKET, **headers: str) -> Asking:
    rules = replace(settings().transport, https_only=True, trusted_proxies=hops, hsts_seconds=60)
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"path": "/v1/live", "scheme": scheme, "headers": named, "query_string": query}
    return Asking(scope, rules)


@pytest.mark.usefixtures("app")
def test_what_came_unencrypted_is_refused_whatever_a_stranger_says_about_it() -> None:
    for unencrypted in (
        asking(),
        asking(x_forwarded_proto="https,http"),
        asking(hops=0, x_forwarded_proto="https"),
    ):
        with pytest.raises(HttpsRequired):
            unencrypted.insist_on_https()
        assert b"strict-transport-security" not in dict(unencrypted.headers)
    for encrypted in (asking("https", hops=0), asking("wss"), asking(x_forwarded_proto="http,https")):
        encrypted.insist_on_https()
        assert dict(encrypted.headers)[b"strict-transport-security"] == b"max-age=60; includeSubDomains"


@pytest.mark.usefixtures("app")
def test_the_header_says_where_to_go_on_before_the_address_does() -> None:
    places = [
        asking(query=b"").position(START),
        asking().position(START),
        asking(last_event_id="9-1").position(START),
    ]

    assert places == [START, Position(7, 8), Position(9, 1)]
    with pytest.raises(BadRequest):
        asking(query=b"last_event_id=7").position(START)


@pytest.mark.usefixtures("app")
def test_a_page_of_another_origin_is_refused_whatever_it_calls_itself() -> None:
    for origin in ("https://shop.example", "http://shop.example"):
        asking(host="shop.example", origin=origin).insist_on_origin()
    asking(host="shop.example").insist_on_origin()  # no page
    for origin in ("https://evil.example", "https://shop.example:444", "null", "http://["):
        for request in (asking(host="shop.example", origin=origin), asking(origin=origin)):
            with pytest.raises(NotPermitted):
                request.insist_on_origin()
