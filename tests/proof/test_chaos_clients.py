"""Nothing that a client is answered or stumbles over may be lost: the verdict knows only what was noted."""

import argparse
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from proof.chaos.clients.caller import Caller
from proof.chaos.clients.crowd import Crowd
from proof.chaos.clients.history import Call, History, read_calls, read_failures

Said = tuple[int, bytes]
JSON = b'{"id": "1"}'


@contextmanager
def shop_that_says(*answers: Said) -> Iterator[str]:
    """A server that gives these answers, one after the other: its address."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = left.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def client_of(base: str, noted: list[Call]) -> Caller:
    dice = random.Random(1)  # noqa: S311  # seeded, not secret
    return Caller(base, dice, noted.append, client=1)


@pytest.mark.parametrize(
    ("answers", "met", "status", "body"),
    [
        ([(500, b"Internal Server Error"), (200, JSON)], [500], 200, {"id": "1"}),
        ([(404, b"<html>"), (200, JSON)], [], 404, {}),
        ([(404, b"[1]"), (200, JSON)], [], 404, {}),
        ([(204, b"")], [], 204, {}),
    ],
    ids=["the server's own error", "a page", "a list", "nothing"],
)
def test_an_answer_without_an_object_keeps_its_status(
    answers: list[Said], met: list[int], status: int, body: dict[str, str]
) -> None:
    noted: list[Call] = []
    with shop_that_says(*answers) as base:
        answer = client_of(base, noted).ask("GET", "/v1/orders/1")

    assert (answer.status, answer.body) == (status, body)
    assert [(call.met, call.status) for call in noted] == [(met, status)]


def test_a_server_that_is_gone_gave_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proof.chaos.clients.caller.PATIENCE_SECONDS", 0)
    noted: list[Call] = []
    with shop_that_says() as base:
        pass

    assert client_of(base, noted).ask("GET", "/v1/orders/1").status == 0
    assert [(call.met, call.status) for call in noted] == [([], None)]


def test_an_order_without_what_it_should_have_is_noted_all_the_same() -> None:
    noted: list[Call] = []
    with shop_that_says((200, b'{"order": {"id": "1"}, "payment": {"id": "2"}}')) as base:
        client_of(base, noted).ask("GET", "/v1/checkout")

    assert [(call.order_id, call.payment_id, call.coupon) for call in noted] == [("1", "2", None)]


def test_a_client_that_stumbles_is_noted_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(tmp_path / "history.jsonl")
    crowd = Crowd(argparse.Namespace(seed=1), history)
    bought: list[int] = []

    def buy(client: int, _: dict[str, str]) -> None:
        bought.append(client)
        if len(bought) == 1:
            raise KeyError("status")
        crowd._closing.set()

    monkeypatch.setattr("proof.chaos.clients.crowd._SHOCK_SECONDS", 0)
    monkeypatch.setattr(crowd, "_account", lambda _: {"Authorization": "Bearer token"})
    monkeypatch.setattr(crowd, "_buy", buy)

    crowd._shop(7)
    history._file.close()

    (text,) = read_failures(tmp_path / "history.jsonl")
    assert text.splitlines()[-1] == "KeyError: 'status'"
    assert bought == [7, 7]
    assert read_calls(tmp_path / "history.jsonl") == []
