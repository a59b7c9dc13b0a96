from concurrent.futures import ThreadPoolExecutor

from proof.outages import stripe
from tests.system.shop import Shop
from tests.system.shopping import Shopper, intents, place_order, stock_up
from tests.system.waiting import broken, until

ORDER = "SELECT id::text FROM orders WHERE email = %(email)s"


def test_a_checkout_while_stripe_is_away_is_finished_when_it_is_back(shop: Shop) -> None:
    shopper = Shopper(shop)
    shopper.fill_cart(stock_up(shop, 5))

    with shop.without("stripe"):
        answer = shopper.place("once")

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/payments/{answer.json()['payment']['id']}"
    sale = shopper.sale(shopper.await_payable(answer.json()))
    assert len(intents(shop, sale.order_id)) == 1
    sale.pay()
    sale.await_sold_once()


def test_money_that_comes_before_the_checkout_has_answered_is_taken_once(shop: Shop) -> None:
    shopper = Shopper(shop)
    shopper.fill_cart(stock_up(shop, 5))
    shop.delay_stripe("/v1/payment_intents", "POST", seconds=2, when="after")

    with ThreadPoolExecutor(1) as pool:
        checkout = pool.submit(shopper.place, "once")
        until(lambda: shop.rows(ORDER, email=shopper.email) != [], "the order")
        ((order_id,),) = shop.rows(ORDER, email=shopper.email)
        until(lambda: intents(shop, order_id) != [], "its intent")
        shopper.pay_for({"payment": {"provider_id": intents(shop, order_id)[0]["id"]}})
        sale = shopper.sale(checkout.result().json())

    assert sale.order_id == order_id
    sale.await_sold_once()


def test_without_any_webhook_the_buyers_own_word_settles_the_payment(shop: Shop) -> None:
    sale = place_order(shop)
    shop.order_stripe("webhooks", drop=True)
    sale.pay()

    sale.confirm()

    sale.await_sold_once("payments.confirm_requested")


def test_webhooks_that_come_many_times_late_and_in_any_order_settle_a_payment_once(shop: Shop) -> None:
    shop.order_stripe("webhooks", copies=20, delay_seconds=1, shuffle=True)
    sale = place_order(shop)

    sale.pay()

    sale.await_sold_once()


def test_while_stripe_is_dead_every_checkout_is_answered_in_time_and_can_be_paid_afterwards(
    shop: Shop,
) -> None:
    figures = stripe.DEAD.measure(shop, seconds=3, buyers=2)

    assert broken(figures) == []
    assert figures[-1].what == "broken invariants"
