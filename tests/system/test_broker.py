import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from proof.outages import redis as outage
from tests.system.shop import Shop
from tests.system.shopping import Sale, Shopper, place_order, stock_up


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
        for sale in sales:
            sale.pay()

    assert [answer.status_code for answer in answers] == [201] * 4
    assert max(answer.elapsed.total_seconds() for answer in answers) < 3
    for sale in sales:
        sale.await_sold_once()


def test_while_both_redis_are_dead_buyers_notice_nothing_and_no_process_ends(shop: Shop) -> None:
    figures = outage.STOPPED.measure(shop, seconds=3, buyers=1)

    assert [each for each in figures if not each.kept] == []


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
