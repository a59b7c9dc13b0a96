from contextlib import ExitStack

import pytest

from sandbox.ready import says
from sandbox.session import members
from tests.system.shop import Shop
from tests.system.shopping import place_order
from tests.system.waiting import until

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"
# Any event about the intent may be the one that settles: what is not final is read again at the provider.
ATTEMPTS = """
  SELECT max(delivery.attempts), max(delivery.failures) FROM deliveries delivery
  JOIN provider_events event ON event.id = delivery.dedupe_key WHERE event.object_id = %(intent)s
"""


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param("SELECT 1 FROM orders WHERE id = %(order)s FOR UPDATE", id="before its first change"),
        pytest.param("SELECT 1 FROM stock_levels WHERE sku = %(sku)s FOR UPDATE", id="before its commit"),
    ],
)
def test_the_death_of_all_workers_in_the_middle_of_settling_and_of_both_redis_costs_only_time(
    shop: Shop, lock: str
) -> None:
    sale = place_order(shop)

    with shop.transaction() as held:
        held.execute(lock.encode(), {"order": sale.order_id, "sku": sale.sku})
        sale.pay()
        shop.flush()
        until(lambda: shop.rows(WAITING) != [], "the worker that settles")
        shop.kill("worker")
        shop.flush()

    sale.await_sold_once(within=60)
    ((attempts, failures),) = shop.rows(ATTEMPTS, intent=sale.placed["payment"]["provider_id"])
    assert attempts > 1
    assert failures == 0


def test_a_worker_that_was_frozen_past_its_lease_commits_nothing_when_it_wakes(shop: Shop) -> None:
    sale = place_order(shop)
    frozen_one = shop.worker("critical")
    refused = says(shop.log.parent / "var/log/worker-critical.log", "claim_lost")
    # The schedule asks about what other tests left open: only calls about this one are to hang.
    intent = f"/v1/payment_intents/{sale.placed['payment']['provider_id']}"
    shop.order_stripe("webhooks", drop=True)
    sale.pay()
    shop.delay_stripe(intent, "GET", seconds=5)

    sale.confirm()
    shop.await_hanging_call()
    with ExitStack() as beside:
        with shop.frozen(frozen_one):
            beside.enter_context(shop.one_more_like(frozen_one, **{"critical@%h": "second@%h"}))
            shop.delay_stripe(intent, "GET", seconds=3)
            shop.await_hanging_call()
        until(refused, "the refusal")
        sale.await_sold_once("payments.confirm_requested")

    assert members(frozen_one) != []
