"""Stripe is dead, or hangs, while people check out: each is answered in time, and can pay afterwards."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from proof.outages.rest import in_time, judged_at_rest
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import Checkout, go_shopping, stock_up

SLOWEST_SECONDS = 3.0
PAYABLE_WITHIN_SECONDS = 180.0
"""Who has failed for a minute tries again within two: the backoff doubles, from 2 seconds on."""
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class StripeAway:
    """Stripe gives no answer, in one of two ways."""

    name: str
    away: Callable[[RunningShop], AbstractContextManager[object]]
    usual_seconds: float = 60.0

    def measure(self, shop: RunningShop, *, seconds: float, buyers: int) -> Sequence[Figure]:
        """See the protocol."""
        variant = stock_up(shop, 10_000)
        with self.away(shop):
            checkouts = go_shopping(shop, variant, seconds=seconds, buyers=buyers)
        left, waited = _await_payable(checkouts)
        statuses = Counter(each.status for each in checkouts)
        slowest = max(each.seconds for each in checkouts)
        doubled = _made_twice(shop)
        return (
            Figure("checkouts", str(len(checkouts)), "some", kept=bool(checkouts)),
            Figure("answers", _told(statuses), "202 only", kept=set(statuses) == {202}),
            in_time("slowest checkout", slowest, most=SLOWEST_SECONDS),
            Figure("not payable afterwards", str(left), "0", kept=left == 0),
            Figure("until all were payable", f"{waited:.1f} s", "180 s", kept=left == 0),
            Figure("intents made twice", str(doubled), "0", kept=doubled == 0),
            judged_at_rest(shop, checkouts),
        )


def _await_payable(checkouts: Sequence[Checkout]) -> tuple[int, float]:
    """How many were not payable in the end, and after how many seconds the last one was."""
    left, began = list(checkouts), time.monotonic()
    while left and time.monotonic() - began < PAYABLE_WITHIN_SECONDS:
        time.sleep(LOOK_AGAIN_SECONDS)
        left = [each for each in left if not each.is_payable]
    return len(left), time.monotonic() - began


def _made_twice(shop: RunningShop) -> int:
    """How many payments have more than one intent at Stripe."""
    books = shop.order_stripe("books", "GET")
    made = Counter(intent["metadata"].get("payment_id") for intent in books["payment_intents"])
    return sum(count > 1 for payment_id, count in made.items() if payment_id)


def _told(statuses: Counter[int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))


def _dead(shop: RunningShop) -> AbstractContextManager[object]:
    return shop.without("stripe")


def _hung(shop: RunningShop) -> AbstractContextManager[object]:
    still = ExitStack()
    for pid in shop.pids("stripe"):
        still.enter_context(shop.frozen(pid))
    return still


DEAD = StripeAway("stripe", _dead)
HUNG = StripeAway("stripe-hung", _hung)
