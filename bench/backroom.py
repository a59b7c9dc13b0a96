"""The backroom at work: what comes after a payment, until the order is finalized and its mails are out."""

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import redis

from bench.bench import Bench
from bench.buying import Checkouts, Flows
from bench.errors import BenchFailed
from bench.load import Load, send
from bench.paths import Operation
from bench.requests import Request, raw
from bench.rounds import Measure, Meter, Round
from bench.shop import BACKROOM
from bench.webhooks import event_about, signed
from sandbox.ready import wait_until

_LONGEST_SECONDS = 300
_UNPAID = """
SELECT provider_id, payments.id::text, order_id::text, amount, payments.currency FROM payments
JOIN orders ON orders.id = order_id WHERE payments.status = 'open' AND cart_id = ANY (%(carts)s)
"""
_AT_WORK = "SELECT /* bench */ count(*) FROM deliveries WHERE state IN ('pending', 'running')"
_DONE = "SELECT /* bench */ count(*) FROM deliveries WHERE state = 'done'"
_COMPLETE = """
SELECT count(*) FROM orders WHERE id = ANY (%(orders)s) AND status = 'paid'
  AND EXISTS (SELECT 1 FROM fulfillments WHERE order_id = orders.id)
  AND EXISTS (SELECT 1 FROM events WHERE subject = orders.id::text AND topic = 'orders.finalized')
  AND (SELECT count(*) FROM messages WHERE order_id = orders.id AND status = 'sent') = 2
"""
_SINCE_WEBHOOK = """
SELECT (extract(epoch FROM max(done_at) - min(received_at)) * 1000)::float FROM payments
JOIN provider_events ON object_id = provider_id
JOIN events ON subject = order_id::text AND topic = 'orders.paid'
JOIN deliveries ON event_id = events.id
WHERE order_id = ANY (%(orders)s) GROUP BY order_id
"""


def backlog(bench: Bench) -> Measure:
    """Rounds of deliveries that piled up: orders placed and paid while nobody was at work.

    An operation is a delivery. A round ends when all is done, however many seconds were wished for.
    """

    def measure(_seconds: float) -> Round:
        events = piled_up(bench)
        before = done(bench)
        with Meter(bench, bench.shop.roots) as meter:
            elapsed = worked(bench)
        bench.shop.pause()
        _check(bench, list(events))
        return meter.round(done(bench) - before, elapsed)

    return measure


def live(bench: Bench) -> Measure:
    """Rounds of orders that are paid while the backroom is at work.

    An operation is an order, from the webhook to its last delivery and mail; a round is as long as it takes.
    """

    def measure(_seconds: float) -> Round:
        clear(bench)
        bench.shop.resume()
        events = _ordered(bench)
        worked(bench)
        with Meter(bench, bench.shop.roots) as meter:
            began = time.perf_counter()
            _pay(bench, events)
            worked(bench)
            elapsed = time.perf_counter() - began
        return _ended(bench, events, meter, elapsed)

    return measure


def whole(bench: Bench) -> Measure:
    """Rounds of orders from the first line in the cart to the last mail, while the backroom is at work.

    All buyers order first, then all of them pay; p50 and p99 count from the webhook.
    """

    def measure(_seconds: float) -> Round:
        clear(bench)
        path = Flows(bench.connection, bench.crowd)
        operations = path.operations(bench.options.orders)
        bench.shop.resume()
        with Meter(bench, bench.shop.roots) as meter:
            began = time.perf_counter()
            events = _placed(bench, path, operations)
            _pay(bench, events)
            worked(bench)
            elapsed = time.perf_counter() - began
        return _ended(bench, events, meter, elapsed)

    return measure


def _ended(bench: Bench, events: Mapping[UUID, Request], meter: Meter, seconds: float) -> Round:
    bench.shop.pause()
    _check(bench, list(events))
    rows = bench.connection.execute(_SINCE_WEBHOOK, {"orders": list(events)}).fetchall()
    return meter.round(len(events), seconds, [milliseconds for (milliseconds,) in rows])


def piled_up(bench: Bench) -> Mapping[UUID, Request]:
    """Leave a backlog to whoever works next: paid orders, by their ids."""
    clear(bench)
    events = _ordered(bench)
    _pay(bench, events)
    return events


def clear(bench: Bench) -> None:
    """Forget all work, so that each round does its own only. The backroom stands still."""
    bench.connection.execute("TRUNCATE events CASCADE")
    with redis.Redis.from_url(bench.shop.embedded.broker.url) as broker:
        broker.flushall()


def _ordered(bench: Bench) -> Mapping[UUID, Request]:
    path = Checkouts(bench.connection, bench.crowd)
    return _placed(bench, path, path.operations(bench.options.orders))


def _placed(bench: Bench, path: Checkouts, operations: Sequence[Operation]) -> Mapping[UUID, Request]:
    """Orders that wait for their money, each with the event that brings it."""
    _send(bench, operations, expected=path.expected)
    path.verify(bench.options.orders)
    secret = bench.shop.keys.stripe_webhook_secret
    rows = bench.connection.execute(_UNPAID, {"carts": path.carts}).fetchall()
    return {UUID(row[2]): signed(event_about(*row), secret) for row in rows}


def _pay(bench: Bench, events: Mapping[UUID, Request]) -> None:
    _send(bench, [(event,) for event in events.values()], expected=(200,))


def _send(bench: Bench, operations: Sequence[Operation], *, expected: Sequence[int]) -> None:
    load = Load(
        port=bench.shop.api_port,
        operations=raw(operations),
        expected=expected,
        seconds=_LONGEST_SECONDS,
        once=True,
        connections=bench.options.connections,
    )
    send(bench.clients, load)


def worked(bench: Bench, parts: Sequence[str] = BACKROOM) -> float:
    """Let the backroom work until nothing is left to do; answers how many seconds that took."""
    began = time.perf_counter()
    bench.shop.resume(parts)
    wait_until(
        lambda: _count(bench, _AT_WORK) == 0,
        within=_LONGEST_SECONDS,
        failure=f"The backroom did not finish within {_LONGEST_SECONDS} s.",
    )
    return time.perf_counter() - began


def done(bench: Bench) -> int:
    """How many deliveries have been done since clear()."""
    return _count(bench, _DONE)


def _count(bench: Bench, query: str) -> int:
    row = bench.connection.execute(query.encode()).fetchone()
    return row[0] if row else 0


def _check(bench: Bench, orders: Sequence[UUID]) -> None:
    """Every order is paid, finalized, has its fulfilments, and both of its mails are sent."""
    row = bench.connection.execute(_COMPLETE, {"orders": orders}).fetchone()
    if row != (bench.options.orders,):
        raise BenchFailed(f"{bench.options.orders} orders were paid; {row} of them are complete.")
