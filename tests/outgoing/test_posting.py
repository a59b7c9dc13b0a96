"""Calls on real sockets: to whom, how long, and how much of the answer."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from app.webhooks.gateway.http import MOST_READ, HttpPoster, excerpt_of, retry_after
from app.webhooks.gateway.protocol import Call
from tests.outgoing.certificates import certificate_for
from tests.outgoing.receiver import Receiver

PUBLIC = "93.184.216.34"
BODY = b'{"type":"PING"}'
SOON = timedelta(seconds=0.5)


def poster(**values: object) -> HttpPoster:
    return HttpPoster(**{"timeout": timedelta(seconds=10), "local_targets": True} | values)  # type: ignore[arg-type]  # any of its fields


def read_request(wire: socket.socket) -> None:
    """Read all of it: who closes with something unread cuts off its own answer."""
    with wire.makefile("rb") as lines:
        head = takewhile(lambda line: line != b"\r\n", lines)
        lengths = [int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length")]
        lines.read(sum(lengths))


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port that answers whatever comes with these pieces."""

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            caller, _ = server.accept()
            with context.wrap_socket(caller, server_side=True) if context else caller as wire:
                read_request(wire)
                for piece in pieces:
                    wire.sendall(piece)
                    time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answer(307, headers={"Location": f"http://127.0.0.1:{receiver.port}/inside"})

    answer = poster().post(Call(receiver.url, {}, BODY))

    assert (answer.status, answer.is_success) == (307, False)
    assert [each.path for each in receiver.heard] == ["/in"]


def test_a_name_is_looked_up_once_and_the_checked_address_called(receiver: Receiver) -> None:
    asked: list[str] = []
    called: list[tuple[str, int]] = []

    def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        called.append((address, port))
        return socket.create_connection(("127.0.0.1", receiver.port), timeout=seconds)

    made = poster(resolver=resolve, open_socket=connect)
    answer = made.post(Call("http://rebound.example/in?a=1", {"webhook-id": "1"}, BODY))

    assert answer.is_success
    assert (asked, called) == (["rebound.example"], [(PUBLIC, 80)])
    (heard,) = receiver.heard
    assert (heard.path, heard.headers["host"], heard.body) == ("/in?a=1", "rebound.example", BODY)
    second = poster(resolver=resolve, open_socket=connect, local_targets=False)
    assert second.post(Call("https://rebound.example/in", {}, BODY)).error == (
        "the name leads to an address that is not public"
    )
    assert len(called) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", "only https:// is called"),
        ("https://127.0.0.1:1/", "the name leads to an address that is not public"),
        ("https://2130706433:1/", "the name leads to an address that is not public"),
        ("https://localhost:1/", "the name leads to an address that is not public"),
        ("https://nobody.invalid/", "the name is unknown"),
    ],
)
def test_in_production_nothing_inside_is_called(url: str, error: str) -> None:
    def connect(*_: object) -> socket.socket:
        raise AssertionError("it was called")

    answer = poster(local_targets=False, open_socket=connect).post(Call(url, {}, BODY))

    assert (answer.status, answer.error) == (None, error)


def test_the_certificate_has_to_be_for_the_name(tmp_path: Path) -> None:
    certificate, key = certificate_for("hooks.example", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def post(host: str) -> tuple[int | None, str | None]:
        with raw_server(ok, context=context) as port:
            made = poster(ca_file=certificate, resolver=lambda *_: ["127.0.0.1"])
            answer = made.post(Call(f"https://{host}:{port}/", {}, BODY))
            return answer.status, answer.error

    assert post("hooks.example") == (200, None)
    status, error = post("other.example")
    assert (status, (error or "")[:12]) == (None, "certificate:")
    assert names == ["hooks.example", "other.example"]


def test_whoever_dribbles_is_cut_off() -> None:
    drops = [b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 800]

    with raw_server(*drops, pause=0.05) as port:
        started = time.monotonic()
        answer = poster(timeout=SOON).post(Call(f"http://127.0.0.1:{port}/", {}, BODY))
        took = time.monotonic() - started

    assert (answer.status, answer.error) == (None, "no answer in time")
    assert took < 20


def test_the_time_that_connecting_took_is_not_given_again() -> None:
    def connect_slowly(address: str, port: int, seconds: float) -> socket.socket:
        time.sleep(seconds)
        return socket.create_connection((address, port), timeout=seconds)

    with raw_server(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", b"x: y\r\n", b"\r\n", pause=0.1) as port:
        made = poster(timeout=SOON, open_socket=connect_slowly)
        answer = made.post(Call(f"http://127.0.0.1:{port}/", {}, BODY))

    assert (answer.status, answer.error) == (None, "no answer in time")


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: 9000000\r\n\r\n"

    with raw_server(head + b"a" * 10 * MOST_READ, pause=0) as port:
        answer = poster().post(Call(f"http://127.0.0.1:{port}/", {}, BODY))

    assert (answer.status, answer.excerpt) == (500, "a" * 200)


def test_an_answer_that_is_none_is_a_failure() -> None:
    with raw_server(b"SSH-2.0-OpenSSH\r\n") as port:
        answer = poster().post(Call(f"http://127.0.0.1:{port}/", {}, BODY))

    assert (answer.status, answer.error) == (None, "BadStatusLine")


def test_an_excerpt_can_be_shown() -> None:
    assert excerpt_of(b"<b>Sorry</b>,\r\n\tada@example.com\x00\x1b[31m \xff\xe2\x80\xae") == (
        "<b>Sorry</b>, (address) [31m \ufffd"
    )


def test_a_receiver_says_when_in_seconds_or_by_a_date() -> None:
    at_noon = retry_after("Fri, 31 Dec 2100 12:00:00 GMT")

    assert retry_after("120") == timedelta(seconds=120)
    assert at_noon is not None
    assert at_noon > timedelta(days=365)
    assert retry_after("Fri, 31 Dec 1999 12:00:00 GMT") == timedelta(0)
    assert (retry_after("soon"), retry_after(None), retry_after("-1")) == (None, None, None)


@pytest.mark.parametrize(
    "value",
    ["Fri, 31 Dec 2100 12:00:00 +99999999999999999999", f"Fri, 31 Dec {'9' * 20} 12:00:00 GMT", "9" * 5000],
)
def test_a_date_beyond_any_calendar_is_none(value: str) -> None:
    assert retry_after(value) is None
