import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from proof.outages import redis as outage
from tests.system.shop import Shop
from tests.system.shopping import Sale, Shopper, place_order, stock_up
from tests.system.waiting import broken

A_HANG = timedelta(seconds=10)


@pytest.mark.parametrize("broker", ["dead", "hanging"])
def test_without_a_broker_the_counter_stays_quick_and_all_work_is_done_after_it(
    shop: Shop, broker: str
) -> None:
    shoppers = [Shopper(shop) for _ in range(4)]
    variants = stock_up(shop, 4)
    for shopper in shoppers:
        shopper.fill_cart(variants)
    (pid,) = shop.pids("broker")

    with shop.without("broker") if broker == "dead" else shop.frozen(pid):
        answers = [shopper.place("once") for shopper in shoppers]
        sales = [shopper.sale(answer.json()) for shopper, answer in zip(shoppers, answers, strict=True)]
        payable = [sale for sale in sales if sale.placed["payment"]["client_secret"]]
        for sale in payable:
            sale.pay()
        later = [sale for sale in sales if sale not in payable]

    # 202 while the counter does not trust Stripe, which another test may have taken away just now.
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert max(answer.elapsed for answer in answers) < A_HANG
    for sale in payable:
        sale.await_sold_once()
    for sale in later:
        opened = sale.shopper.sale(sale.shopper.await_payable(sale.placed))
        opened.pay()
        opened.await_sold_once()


def test_while_both_redis_are_dead_buyers_notice_nothing_and_no_process_ends(shop: Shop) -> None:
    figures = outage.STOPPED.measure(shop, seconds=3, buyers=1)

    assert broken(figures) == []


def test_flushing_both_redis_all_the_time_under_two_beats_loses_and_doubles_nothing(shop: Shop) -> None:
    (beat,) = shop.pids("beat")
    schedule = str(shop.log.parent / "var/beat/celerybeat-schedule")

    with shop.one_more_like(beat, **{schedule: f"{schedule}-2"}), ThreadPoolExecutor(4) as pool:
        purchases = [pool.submit(_purchase, shop) for _ in range(8)]
        while not all(purchase.done() for purchase in purchases):
            shop.flush()
            time.sleep(0.1)
        for purchase in purchases:
            purchase.result().await_sold_once()


def _purchase(shop: Shop) -> Sale:
    sale = place_order(shop, told=False)
    sale.pay()
    return sale
