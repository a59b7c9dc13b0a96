"""How many of the counter's requests ask the provider at once, and when none does because it is silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.payments.errors import CardDeclined, CounterBusy, GatewayRefused, GatewayUnavailable
from app.payments.gateway.inline import PAUSE_SECONDS, InlineCalls
from app.payments.services import payments
from tests.buyers import purchase
from tests.stand_in import StandIn
from tests.work import drain


def test_a_broken_line_is_tried_again_after_its_pause(
    app: Flask, client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    calls = InlineCalls(limit=4, monotonic=lambda: clock)
    monkeypatch.setitem(app.extensions, "inline_calls", calls)
    for _ in range(3):
        with pytest.raises(GatewayUnavailable), calls.slot():
            raise GatewayUnavailable
    clock = PAUSE_SECONDS - 0.1
    with pytest.raises(CounterBusy), calls.slot():
        pass

    clock = PAUSE_SECONDS

    assert [purchase(client).provider_id == "" for _ in range(2)] == [False, False]


def fail(calls: InlineCalls, error: Exception) -> None:
    """A call of the counter's that ends so."""
    with pytest.raises(type(error)), calls.slot():
        raise error


@pytest.mark.parametrize("no", [GatewayRefused("amount_too_small"), CardDeclined("card_declined", None)])
def test_who_says_no_has_answered(no: GatewayRefused) -> None:
    clock = 0.0
    calls = InlineCalls(limit=1, monotonic=lambda: clock)
    silence, busy = GatewayUnavailable("no answer"), CounterBusy("the provider was silent too often")
    for error in (silence, silence, no, silence, silence, silence, busy):
        fail(calls, error)

    clock = PAUSE_SECONDS
    for error in (no, silence, silence, silence, busy):
        fail(calls, error)


@contextmanager
def busy(calls: InlineCalls, slots: int) -> Iterator[None]:
    """So many other requests wait at the provider."""
    taken, over = [Event() for _ in range(slots)], Event()

    def occupy(mine: Event) -> None:
        with calls.slot():
            mine.set()
            over.wait(10)

    threads = [Thread(target=occupy, args=(each,)) for each in taken]
    for thread in threads:
        thread.start()
    assert all(each.wait(10) for each in taken)
    yield
    over.set()
    for thread in threads:
        thread.join()


def test_when_all_slots_are_taken_the_answer_comes_at_once(
    client: FlaskClient, stripe: StandIn, inline_calls: InlineCalls
) -> None:
    with busy(inline_calls, 4):
        waiting = purchase(client)
    with busy(inline_calls, 3):
        served = purchase(client)

    assert (waiting.provider_id == "", served.provider_id == "") == (True, False)
    assert drain() == ["payments.open"]
    assert len(stripe.books()["payment_intents"]) == 2


def test_no_slot_is_taken_while_the_shop_writes_down_the_answer(
    app: Flask, client: FlaskClient, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, record = InlineCalls(limit=1), payments.record_opened
    monkeypatch.setitem(app.extensions, "inline_calls", calls)

    def record_while_another_asks(*what: Any) -> None:
        with calls.slot():
            record(*what)

    monkeypatch.setattr(payments, "record_opened", record_while_another_asks)

    assert purchase(client).provider_id != ""
