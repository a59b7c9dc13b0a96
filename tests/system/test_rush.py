import secrets
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests

from tests.system.shop import Shop
from tests.system.shopping import Shopper, Variant, stock_up

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
STOCK = """
  SELECT on_hand, reserved, (SELECT sum(change) FROM stock_movements WHERE variant_id = level.variant_id),
    (SELECT count(*) FROM reservations WHERE variant_id = level.variant_id AND status = 'active')
  FROM stock_levels level WHERE sku = %(sku)s
"""


def test_64_buyers_at_once_get_no_more_than_the_10_units_there_are(shop: Shop) -> None:
    (variant,) = stock_up(shop, 10)
    deadlocks = shop.rows(DEADLOCKS)

    answers = _rush([(shopper, [variant]) for shopper in _crowd(shop, 64)])

    assert _statuses(answers) == {"placed": 10, "refused": 54}
    short = [{"variant_id": variant.id, "sku": variant.sku, "requested": 1, "available": 0}]
    assert all(answer.json()["shortage"] == short for answer in answers if answer.status_code == 409)
    assert shop.rows(STOCK, sku=variant.sku) == [(10, 10, 10, 10)]
    assert shop.rows(DEADLOCKS) == deadlocks


def test_buyers_of_the_same_two_things_in_opposite_order_do_not_block_each_other(shop: Shop) -> None:
    variants = stock_up(shop, 6, variants=2)
    deadlocks = shop.rows(DEADLOCKS)
    crowd = _crowd(shop, 24)
    there = [(shopper, variants) for shopper in crowd[:12]]
    back = [(shopper, variants[::-1]) for shopper in crowd[12:]]

    answers = _rush(there + back)

    assert _statuses(answers) == {"placed": 6, "refused": 18}
    assert [shop.rows(STOCK, sku=variant.sku) for variant in variants] == [[(6, 6, 6, 6)]] * 2
    assert shop.rows(DEADLOCKS) == deadlocks


def _crowd(shop: Shop, size: int) -> list[Shopper]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: Shopper(shop), range(size)))


def _rush(wishes: Sequence[tuple[Shopper, Sequence[Variant]]]) -> list[requests.Response]:
    """Everybody fills a cart; then all check out in the same moment."""
    start = Barrier(len(wishes))

    def check_out(shopper: Shopper) -> requests.Response:
        start.wait(timeout=30)
        return shopper.place(secrets.token_hex(16))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda wish: wish[0].fill_cart(wish[1]), wishes))
    with ThreadPoolExecutor(len(wishes)) as pool:
        return list(pool.map(check_out, [shopper for shopper, _ in wishes]))


def _statuses(answers: Sequence[requests.Response]) -> Counter[str]:
    names = {201: "placed", 202: "placed", 409: "refused"}
    return Counter(names.get(answer.status_code, answer.text) for answer in answers)
