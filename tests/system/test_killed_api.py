from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.demo.buyer import PurchaseFailed
from sandbox.ready import answers
from tests.system.shop import Shop
from tests.system.shopping import Shopper, intents, stock_up
from tests.system.waiting import until


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_checkout_that_the_api_did_not_survive_is_one_order_under_its_key(shop: Shop, moment: str) -> None:
    shopper = Shopper(shop)
    shopper.fill_cart(stock_up(shop, 5))
    shop.delay_stripe("/v1/payment_intents", "POST", seconds=2, when=moment)

    with ThreadPoolExecutor(1) as pool:
        cut_off = pool.submit(shopper.place, "once")
        shop.await_hanging_call()
        shop.kill("api")
        with pytest.raises(PurchaseFailed):
            cut_off.result()
    until(lambda: answers(f"{shop.api}/health"), "the API")
    again = shopper.place("once")

    assert again.status_code in (201, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    sale = shopper.sale(shopper.await_payable(again.json()))
    assert len(shopper.ask("GET", "/v1/orders").json()["items"]) == 1
    assert len(intents(shop, sale.order_id)) == 1
    sale.pay()
    sale.await_sold_once()
