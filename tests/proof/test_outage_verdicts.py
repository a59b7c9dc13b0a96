"""Whatever was away, the oracle judges the shop afterwards, and only once all work is done."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from proof import oracle
from proof.oracle import Request, Verdict, Violation
from proof.outages import rest
from proof.outages.recovery import GATES, Recovery
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import Checkout
from sandbox.demo.buyer import Buyer

OVERSOLD = Violation("I1", "Nothing is oversold.", 1, ("CHAIR",))
BROKEN = Figure("broken invariants", "1: I1 Nothing is oversold. CHAIR", "0", kept=False)


@dataclass
class QuietShop:
    """It owes work for so many looks."""

    looks: int = 0
    facts: dict[str, str] = field(default_factory=lambda: {"database_url": "postgresql://nowhere"})
    inbox: tuple[()] = ()

    def rows(self, _: str) -> list[tuple[int, int]]:
        self.looks -= 1
        return [(int(self.looks >= 0), 0)]

    def order_stripe(self, *_: str) -> dict[str, list[Any]]:
        return {"deliveries": []}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[list[Request]]:
    """An oracle that always finds the same, and the histories that it was given."""
    histories = []

    def judge(_: str, *, history: list[Request], **__: object) -> Verdict:
        histories.append(history)
        return Verdict((OVERSOLD,), {})

    monkeypatch.setattr(oracle, "judge", judge)
    monkeypatch.setattr(rest, "_LOOK_EVERY_SECONDS", 0)
    return histories


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_each_recovery_is_judged(gate: Recovery, judged: list[list[Request]]) -> None:
    quick = replace(gate, recover=lambda *_: 1.0)

    figures = quick.measure(cast("RunningShop", QuietShop()), seconds=1)

    assert [each.what for each in figures] == [gate.what, "broken invariants"]
    assert figures[-1] == BROKEN
    assert judged == [[]]


def test_the_judge_waits_for_the_end_of_the_work(judged: list[list[Request]]) -> None:
    shop = QuietShop(looks=3)

    assert rest.judged_at_rest(cast("RunningShop", shop)) == BROKEN
    assert shop.looks == -1


def test_a_shop_that_never_rests_is_not_as_it_should_be(
    judged: list[list[Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "seconds_until", lambda *_, **__: None)

    figure = rest.judged_at_rest(cast("RunningShop", QuietShop()))

    assert figure == Figure("broken invariants", "1: the work does not end", "0", kept=False)
    assert judged == []


@pytest.mark.parametrize(
    ("status", "body", "order_id", "payment_id"),
    [
        (202, {"order": {"id": "1"}, "payment": {"id": "2"}}, "1", "2"),
        (503, {"type": "/problems/unavailable"}, None, None),
    ],
)
def test_the_oracle_hears_what_a_buyer_was_told(
    status: int,
    body: dict[str, Any],
    order_id: str | None,
    payment_id: str | None,
    judged: list[list[Request]],
) -> None:
    guest = Buyer("http://127.0.0.1:9")
    checkout = Checkout(guest, {}, "k", status, 0.1, body)

    rest.judged_at_rest(cast("RunningShop", QuietShop()), [checkout])

    told = Request(
        who=guest.email,
        method="POST",
        path="/v1/checkout",
        status=status,
        key="k",
        order_id=order_id,
        payment_id=payment_id,
    )
    assert judged == [[told]]
