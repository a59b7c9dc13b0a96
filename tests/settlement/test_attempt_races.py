"""What else may happen while the payment before a new one is being closed: there is one end to each story."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.payments.errors import GatewayUnavailable
from app.payments.gateway.protocol import PaymentRequest, ProviderPayment
from tests.attempts import SESSION, attempt, live_payments, not_payable, refusal
from tests.buyers import Purchase
from tests.database import change, rows
from tests.expiry import let_expire
from tests.gateway import FakeGateway, workers_ask
from tests.sales import CANCELLED, EXPIRED, GIVEN_BACK, PAID, PENDING, TOTAL, state, topics
from tests.webhooks import deliver, event_about, intent_of
from tests.work import drain, make_due, tick


class Provider(FakeGateway):
    """Closes what is open, unless it was paid; each opening makes an object of its own."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """Make the next object."""
        made = replace(super().open(request), provider_id=f"pi_{self.calls.count('open')}")
        self.now = self.now or made
        return made

    def close(self, object_id: str) -> ProviderPayment:
        """Cancel the object, after whatever happens meanwhile."""
        seen = super().close(object_id)
        return seen if seen.status in ("succeeded", "processing") else replace(seen, status="canceled")


@pytest.fixture
def provider(app: Flask, bought: Purchase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider of counter and workers, who has the order's first payment open."""
    gateway = Provider(bought.seen("requires_payment_method"))
    monkeypatch.setitem(app.extensions, "payment_gateway", gateway)
    with workers_ask(gateway):
        yield gateway


def once(happening: Callable[[], object]) -> Callable[[ProviderPayment], None]:
    """Let something happen during the next call only."""
    left = [happening]

    def happen(_: ProviderPayment) -> None:
        if left:
            left.pop()()

    return happen


def report(client: FlaskClient, seen: ProviderPayment) -> None:
    """The provider's webhook, processed at once."""
    deliver(client, event_about(intent_of(seen), "payment_intent.any", f"evt_{seen.status}"))
    drain()


def test_the_same_wish_meanwhile_is_the_same_payment(bought: Purchase, provider: Provider) -> None:
    inner = []
    provider.while_answering = once(lambda: inner.append(attempt(bought)))

    outer = attempt(bought)

    assert [answer.status_code for answer in (outer, *inner)] == [201, 202]
    assert inner[0].get_json()["id"] == outer.get_json()["id"]
    assert state(bought).payments == ["cancelled", "open"]
    assert provider.calls == ["close", "open"]


def test_another_wish_meanwhile_takes_its_place(bought: Purchase, provider: Provider) -> None:
    inner = []
    provider.while_answering = once(lambda: inner.append(attempt(bought, SESSION)))

    outer = attempt(bought)

    assert refusal(outer) == not_payable("pending", "unpaid")
    assert live_payments(bought) == [(inner[0].get_json()["id"], "open", SESSION)]
    assert state(bought).payments == ["cancelled", "cancelled", "open"]


def test_the_same_wish_while_the_new_one_is_opened_is_the_same_payment(
    bought: Purchase, provider: Provider
) -> None:
    inner = []
    provider.while_opening = once(lambda: inner.append(attempt(bought)))

    outer = attempt(bought)

    assert inner[0].get_json()["id"] == outer.get_json()["id"]
    assert (state(bought).payments, provider.calls) == (["cancelled", "open"], ["close", "open"])


def test_the_money_is_reported_meanwhile(bought: Purchase, provider: Provider, client: FlaskClient) -> None:
    def pay() -> None:
        provider.now = bought.seen("succeeded")
        report(client, provider.now)

    provider.while_answering = once(pay)

    answer = attempt(bought)

    assert refusal(answer) == not_payable("paid", "paid")
    assert state(bought) == replace(PAID, payments=["succeeded", "cancelled"])
    assert topics(bought).count("orders.paid") == 1


def test_the_end_of_the_first_is_reported_meanwhile(
    bought: Purchase, provider: Provider, client: FlaskClient
) -> None:
    provider.while_answering = once(lambda: report(client, bought.seen("canceled")))

    answer = attempt(bought)

    assert (answer.status_code, state(bought).payments) == (201, ["cancelled", "open"])


@pytest.mark.parametrize("paid", [False, True])
def test_the_buyer_gives_up_meanwhile(bought: Purchase, provider: Provider, *, paid: bool) -> None:
    def cancel() -> None:
        if paid:
            provider.now = bought.seen("succeeded")
        bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")

    provider.while_answering = once(cancel)

    answer = attempt(bought)
    drain()

    end = GIVEN_BACK if paid else CANCELLED
    assert answer.status_code == 409
    assert state(bought) == replace(end, payments=[*end.payments, "cancelled"])
    assert "open" not in provider.calls


def test_the_hold_ends_meanwhile(bought: Purchase, provider: Provider) -> None:
    provider.while_answering = once(let_expire)

    answer = attempt(bought)
    tick("settlement.expire_due")
    drain()

    assert refusal(answer) == not_payable("pending", "unpaid")
    assert state(bought) == replace(EXPIRED, payments=["cancelled", "cancelled"])


def test_the_provider_works_on_the_money_by_now(bought: Purchase, provider: Provider) -> None:
    provider.now = bought.seen("processing")

    answer = attempt(bought)

    assert refusal(answer) == not_payable("pending", "processing")
    assert state(bought).payments == ["processing", "cancelled"]
    assert drain() == []


def test_a_review_is_opened_meanwhile(bought: Purchase, provider: Provider) -> None:
    provider.now = bought.seen("succeeded", amount=5000, amount_received=5000)

    answer = attempt(bought)

    assert refusal(answer) == not_payable("pending", "review")
    assert state(bought) == replace(
        PENDING, order=("pending", "review", None), payments=["review", "cancelled"]
    )


def test_money_in_a_payment_that_was_closed_pays_the_order_and_ends_the_new_one(
    bought: Purchase, provider: Provider, client: FlaskClient
) -> None:
    answer = attempt(bought)
    provider.now = bought.seen("requires_payment_method", payment_id=None, provider_id="pi_1")

    report(client, bought.seen("succeeded"))

    assert state(bought) == replace(PAID, payments=["succeeded", "cancelled"])
    assert provider.calls == ["close", "open", "find", "close"]
    assert answer.get_json()["provider_id"] == "pi_1"


def test_money_in_both_payments_goes_back_once(
    bought: Purchase, provider: Provider, client: FlaskClient
) -> None:
    second = attempt(bought).get_json()
    provider.now = bought.seen("succeeded", payment_id=None, provider_id="pi_1")

    report(client, bought.seen("succeeded"))
    report(client, provider.now)

    assert state(bought) == replace(
        PAID, payments=["succeeded", "succeeded"], refunds=[("succeeded", TOTAL, "USD", "surplus")]
    )
    assert rows("SELECT payment_id::text FROM refunds") == [(second["id"],)]


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("call", ["while_answering", "while_opening"])
def test_a_crash_at_any_call_is_made_up_for_by_a_worker(
    bought: Purchase, provider: Provider, call: str
) -> None:
    def die() -> None:
        raise Crash

    setattr(provider, call, once(die))
    with pytest.raises(Crash):
        attempt(bought, key="mine")
    assert attempt(bought, key="mine").status_code == 202
    assert drain() == []  # the dead request still holds the work

    make_due()
    drain()

    assert (attempt(bought, key="mine").status_code, state(bought).payments) == (201, ["cancelled", "open"])
    assert topics(bought).count("payments.opened") == 2


def test_a_worker_whose_work_was_taken_over_changes_nothing(bought: Purchase, provider: Provider) -> None:
    taken = "UPDATE deliveries SET token = token + 1 WHERE consumer = 'settlement.replace_payment'"
    provider.while_answering = once(lambda: change(taken))

    answer = attempt(bought)

    assert (answer.status_code, provider.calls) == (202, ["close"])
    assert state(bought).payments == ["open", "creating"]


def test_a_provider_that_does_not_say_is_asked_again(bought: Purchase, provider: Provider) -> None:
    def away() -> None:
        raise GatewayUnavailable

    provider.while_answering = once(away)

    answer = attempt(bought)
    make_due()
    ran = drain()

    assert (answer.status_code, ran) == (202, ["settlement.replace_payment", "payments.open"])
    assert state(bought).payments == ["cancelled", "open"]
