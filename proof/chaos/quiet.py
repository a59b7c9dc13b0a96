"""After the last fault: how long until everything is as it should be."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import requests

from proof.chaos.errors import ChaosFailed
from proof.chaos.faults.kind import Scene

LONGEST_SECONDS = 15 * 60.0
MOST = 0.99
"""The share of the orders that counts as most of them."""
_LOOK_EVERY_SECONDS = 0.5
_PENDING = "SELECT count(*) FILTER (WHERE status = 'pending'), count(*) FROM orders"
_LEFT = """
SELECT (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'running')),
  (SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')),
  (SELECT count(*) FROM refunds WHERE status IN ('owed', 'pending'))
"""
_COMPARISONS = """
SELECT count(*) FILTER (WHERE state = 'done'), count(*) FROM reconciliation_runs WHERE kind = 'recent'
"""
_ABANDONED = """
UPDATE orders SET hold_until = now() FROM payments WHERE payments.order_id = orders.id
  AND orders.status = 'pending' AND payments.flow = 'checkout_session' AND hold_until > now()
RETURNING orders.id
"""
Until = Callable[[Callable[[], bool], float | None, str], None]


@dataclass(slots=True)
class Recovery:
    """Seconds from the end of the last fault until 99 % of the orders, all of them, and all work had ended.

    None: that did not happen within 15 minutes.
    """

    most_orders: float | None = None
    all_orders: float | None = None
    all_work: float | None = None


def age_abandoned(scene: Scene) -> int:
    """End the holds of hosted pages that nobody will pay: Stripe keeps those open for half an hour at least.

    Nothing else is helped with. The answer is how many there were.
    """
    return len({order_id for (order_id,) in scene.sql(_ABANDONED)})


def is_at_rest(scene: Scene) -> bool:
    """Whether nobody has anything to do."""
    return scene.sql(_LEFT) == [(0, 0, 0)]


def recovered(scene: Scene, since: float, until: Until) -> Recovery:
    """Wait for the end of all orders and work, 15 minutes at most; `since` by the monotonic clock.

    Stripe's lists have to be compared by then, as the schedule does it: once more, from beginning to end.
    """
    recovery, next_look = Recovery(), 0.0
    comparisons: int | None = None

    def is_over() -> bool:
        nonlocal next_look, comparisons
        if time.monotonic() < next_look:
            return False
        next_look = time.monotonic() + _LOOK_EVERY_SECONDS
        try:
            ((compared, begun),) = scene.sql(_COMPARISONS)
            comparisons = begun if comparisons is None else comparisons
            return _look(scene, recovery, time.monotonic() - since, is_compared=compared > comparisons)
        except (psycopg.Error, requests.RequestException):
            return False

    try:
        until(is_over, LONGEST_SECONDS - (time.monotonic() - since), "Quiet")
    except ChaosFailed:
        return recovery
    return recovery


def _look(scene: Scene, recovery: Recovery, after: float, *, is_compared: bool) -> bool:
    ((pending, orders),) = scene.sql(_PENDING)
    if recovery.most_orders is None and pending <= (1 - MOST) * orders:
        recovery.most_orders = round(after, 1)
    if recovery.all_orders is None and pending == 0:
        recovery.all_orders = round(after, 1)
    if recovery.all_orders is None or not is_compared or not is_at_rest(scene) or _owes_webhooks(scene):
        return False
    recovery.all_work = round(after, 1)
    return True


def _owes_webhooks(scene: Scene) -> bool:
    """Whether Stripe has something left to tell. Its books are long: asked last."""
    return any(each["state"] == "pending" for each in scene.order_stripe("books", "GET")["deliveries"])
