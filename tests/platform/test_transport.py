from collections.abc import Callable

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from app.platform.problems import register_problems
from app.platform.transport import register_preflights, register_transport
from app.platform.transport_rules import Transport
from app.platform.web import is_deep, register_web
from tests.database import rows
from tests.factories import signed_in

SHOP, ELSEWHERE = "https://shop.example.com", "https://evil.example.com"
PLAIN = Transport(
    trusted_proxies=0,
    https_only=False,
    hsts_seconds=31_536_000,
    cors_origins=frozenset(),
    public_docs=True,
    database_tls=False,
    tls_ca_file=None,
)
Served = Callable[..., FlaskClient]


@pytest.fixture
def served(app: Flask) -> Served:
    """Makes a small application behind these rules; the settings of the shop's own stay as they are."""

    def serve(**rules: object) -> FlaskClient:
        small, known = Flask("small", static_folder=None), Transport(**_all(PLAIN) | rules)  # type: ignore[arg-type]  # a dict has one type
        register_web(small)
        register_problems(small)
        register_transport(small, known)
        register_preflights(small, known)
        for path in ("/health", "/v1/thing"):
            small.add_url_rule(path, path, _view, methods=["GET", "POST"])
        return small.test_client()

    return serve


def _view() -> Response:
    return Response(f"{request.scheme} {request.remote_addr} {request.host}")


def _all(rules: Transport) -> dict[str, object]:
    return {name: getattr(rules, name) for name in Transport.__slots__}


def test_what_comes_unencrypted_is_refused_and_not_redirected(served: Served) -> None:
    client = served(https_only=True)

    refused = client.get("/v1/thing")
    let_in = client.get("/v1/thing", base_url="https://shop.example.com")

    assert (refused.status_code, refused.get_json()["type"]) == (403, "/problems/https-required")
    assert "Strict-Transport-Security" not in refused.headers
    assert let_in.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert client.get("/health").status_code == 200


def test_without_a_proxy_to_trust_nobody_says_where_they_are(served: Served) -> None:
    said = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}

    assert served().get("/v1/thing", headers=said).text == "http 127.0.0.1 localhost"
    assert served(https_only=True).get("/v1/thing", headers=said).status_code == 403


@pytest.mark.parametrize(
    ("hops", "forwarded", "found"),
    [
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "203.0.113.66, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.66, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_exactly_as_many_proxies_are_believed_as_there_are(
    served: Served, hops: int, forwarded: str, found: str
) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Host": "evil.example.com"}

    answer = served(trusted_proxies=hops).get("/v1/thing", headers=headers)

    assert answer.text == f"http {found} localhost"


def test_a_trusted_proxy_says_that_it_was_https(served: Served) -> None:
    client = served(trusted_proxies=1, https_only=True)

    assert client.get("/v1/thing", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert client.get("/v1/thing", headers={"X-Forwarded-Proto": "http"}).status_code == 403
    assert client.get("/v1/thing", headers={"X-Forwarded-Proto": "https, http"}).status_code == 403


def test_every_answer_tells_browsers_what_not_to_do(client: FlaskClient) -> None:
    answers = [client.get(path) for path in ("/v1/categories", "/nowhere", "/docs/", "/v1/users/me")]

    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1
        assert {"Server", "Set-Cookie", "X-Powered-By"} & set(answer.headers.keys()) == set()


def test_what_was_asked_with_a_secret_is_not_stored_on_the_way(client: FlaskClient) -> None:
    mine = client.get("/v1/users/me", headers=signed_in(client))

    assert mine.headers["Cache-Control"] == "no-store"


def test_what_the_link_of_a_mail_opens_is_not_stored_on_the_way(client: FlaskClient) -> None:
    answer = client.get("/v1/orders/ORD-NONE?token=x")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert "Cache-Control" not in client.get("/v1/shipping-methods?country=US").headers


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (SHOP, True),
        (ELSEWHERE, False),
        ("null", False),
        ("https://shop.example.com.evil.example.com", False),
        ("http://shop.example.com", False),
    ],
)
def test_pages_of_named_origins_may_ask_and_read_and_no_others(
    served: Served, origin: str, *, allowed: bool
) -> None:
    client = served(cors_origins=frozenset({SHOP}))
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    preflight = client.options("/v1/thing", headers=asked)
    answer = client.get("/v1/thing", headers={"Origin": origin})

    assert preflight.status_code == 204
    assert ("Access-Control-Allow-Methods" in preflight.headers) is allowed
    for each in (preflight, answer):
        assert each.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert each.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in each.headers
    assert ("RateLimit-Remaining" in answer.headers.get("Access-Control-Expose-Headers", "")) is allowed


def test_pages_may_send_and_read_each_header_that_the_docs_tell_of(served: Served) -> None:
    client = served(cors_origins=frozenset({SHOP}))
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}

    sent = client.options("/v1/thing", headers=asked).headers["Access-Control-Allow-Headers"].split(", ")
    read = client.get("/v1/thing", headers=asked).headers["Access-Control-Expose-Headers"].split(", ")

    assert {*sent} == {
        *("Authorization", "X-Api-Key", "X-Cart-Token", "Content-Type", "Idempotency-Key", "X-Request-Id"),
        *("Accept-Language", "If-None-Match"),
    }
    assert {*read} == {
        *("X-Request-Id", "X-Cart-Token", "Retry-After", "Location", "WWW-Authenticate"),
        *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Idempotent-Replayed"),
        *("ETag", "Cache-Control", "Content-Language", "Content-Disposition"),
    }


def test_without_named_origins_no_page_may_read(served: Served) -> None:
    answer = served().get("/v1/thing", headers={"Origin": SHOP})

    assert [name for name in dict(answer.headers) if name.startswith("Access-Control")] == []
    assert "Vary" not in answer.headers


def _nested(levels: int) -> object:
    return [] if levels == 1 else {"a": _nested(levels - 1)}


def test_depth_is_counted_in_levels() -> None:
    assert [is_deep(_nested(levels)) for levels in (1, 15, 16, 17, 900)] == [False, False, False, True, True]
    assert not is_deep([1] * 1000)


@pytest.mark.parametrize("levels", [17, 900, 50_000])
def test_a_deeply_nested_body_is_refused_before_anything_looks_at_it(
    client: FlaskClient, levels: int
) -> None:
    body = '{"email":' * levels + "1" + "}" * levels

    answer = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert (answer.status_code, answer.get_json()["type"]) == (400, "/problems/bad-request")
    assert levels > 1_000 or "too deeply" in answer.get_json()["detail"]
    assert rows("SELECT count(*) FROM login_tries") == [(0,)]
