"""Gate F9: how soon the shop is itself again, each time after one thing has gone wrong."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from proof.outages.answers import Answer
from proof.outages.redis import await_redis, stopped
from proof.outages.rest import in_time, judged_at_rest, seconds_until
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import stock_up
from proof.outages.visitor import Visitor
from sandbox.demo.buyer import Buyer
from sandbox.session import kill_session, send

_ATTEMPTS = """
SELECT extract(epoch FROM min(started_at)) FROM delivery_attempts JOIN deliveries ON id = delivery_id
WHERE queue = %(queue)s AND started_at > to_timestamp(%(since)s)
"""
_SECOND_ATTEMPT = """
SELECT extract(epoch FROM started_at) FROM delivery_attempts JOIN deliveries ON id = delivery_id
WHERE consumer = 'settlement.confirm_payment' AND number > 1 AND started_at > to_timestamp(%(since)s)
"""
_UNPAID = "SELECT count(*) FROM orders WHERE id = %(id)s AND payment_status <> 'paid'"
_STANDS_STILL_SECONDS = 60.0
"""Longer than a lease."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One way to go wrong, and the seconds from its end until the shop is well again, where there are any."""

    name: str
    what: str
    most: float
    recover: Callable[[RunningShop, float], float | None]
    usual_seconds: float = 60.0

    def measure(self, shop: RunningShop, *, seconds: float, **_: int) -> Sequence[Figure]:
        """See the protocol."""
        return in_time(self.what, self.recover(shop, seconds), most=self.most), judged_at_rest(shop)


def _consuming(shop: RunningShop, seconds: float) -> float | None:
    """After an outage in which an order was placed: until each queue's worker has begun something of it."""
    placed = _placed(shop)
    with stopped(shop):
        _pay(shop, placed)
        _placed(shop)
        time.sleep(seconds)
    await_redis(shop)
    back_at = time.time()
    queues = ("critical", "email")

    def begun() -> list[Any]:
        return [shop.rows(_ATTEMPTS, queue=queue, since=back_at)[0][0] for queue in queues]

    if seconds_until(lambda: None not in begun(), since=back_at) is None:
        return None
    return float(max(begun())) - back_at


def _serving(shop: RunningShop, _: float) -> float | None:
    """After an immediate shutdown of PostgreSQL: until a request is granted that has seen it down."""
    answers: list[Answer] = []
    visitor, gone_at = Visitor(shop.api, answers.append), time.time()
    (postgres,) = shop.pids("postgres")
    send(postgres, signal.SIGQUIT)

    def is_back() -> bool:
        return visitor.send("catalog", "GET", "/v1/products", None).granted and shop.pids("postgres") != [
            postgres
        ]

    return seconds_until(is_back, since=gone_at)


def _restarted(shop: RunningShop, _: float) -> float | None:
    """After the death of a worker in the middle of its work: until another one has begun it again."""
    placed = _placed(shop)
    shop.order_stripe("webhooks", drop=True)
    _pay(shop, placed)
    delay = {"path": "/v1/payment_intents/", "method": "GET", "delay_seconds": _STANDS_STILL_SECONDS}
    shop.order_stripe("faults", **delay, when="before")
    visitor = Visitor(shop.api, lambda _: None, headers=_who(placed))
    visitor.ask("payment", "POST", f"/v1/payments/{placed.body['payment']['id']}/confirm", {})
    seconds_until(lambda: shop.order_stripe("faults", "GET") == [], since=time.time())
    killed_at = time.time()
    for pid in shop.pids("worker"):
        kill_session(pid)
    again = seconds_until(lambda: shop.rows(_SECOND_ATTEMPT, since=killed_at) != [], since=killed_at)
    shop.order_stripe("webhooks")
    return again and float(shop.rows(_SECOND_ATTEMPT, since=killed_at)[0][0]) - killed_at


def _paid(shop: RunningShop, _: float) -> float | None:
    """With all webhooks lost, and a buyer who says nothing: until the order is paid."""
    placed = _placed(shop)
    shop.order_stripe("webhooks", drop=True)
    _pay(shop, placed)
    paid_at, order_id = time.time(), placed.body["order"]["id"]
    within = seconds_until(lambda: shop.rows(_UNPAID, id=order_id) == [(0,)], since=paid_at, longest=600.0)
    shop.order_stripe("webhooks")
    return within


def _placed(shop: RunningShop) -> Answer:
    return Visitor(shop.api, lambda _: None).check_out(stock_up(shop, 5))


def _who(placed: Answer) -> dict[str, str]:
    return {"X-Cart-Token": placed.asked["X-Cart-Token"]}


def _pay(shop: RunningShop, placed: Answer) -> None:
    stripe, intent = shop.facts["stripe"], placed.body["payment"]["provider_id"]
    Buyer(shop.api).pay(intent, stripe_base=stripe["base"], key=stripe["api_key"])


GATES = (
    Recovery("gate-redis-back", "from Redis back to consuming", 5.0, _consuming),
    Recovery("gate-postgres", "from PostgreSQL's immediate end to the first 2xx", 10.0, _serving),
    Recovery("gate-dead-worker", "from a worker's death to its work begun again", 35.0, _restarted),
    Recovery("gate-no-webhooks", "from the payment to paid, without a webhook", 360.0, _paid),
)
