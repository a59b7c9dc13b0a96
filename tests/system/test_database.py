import signal
from concurrent.futures import ThreadPoolExecutor

from proof.outages import postgres as outage
from sandbox.demo.buyer import PurchaseFailed
from sandbox.session import send
from tests.system.shop import Shop
from tests.system.shopping import Sale, Shopper, stock_up
from tests.system.waiting import broken, until


def test_an_immediate_restart_of_postgresql_during_purchases_loses_and_doubles_nothing(shop: Shop) -> None:
    variants = stock_up(shop, 8)
    shoppers = [Shopper(shop) for _ in range(8)]
    for shopper in shoppers:
        shopper.fill_cart(variants)
    (postgres,) = shop.pids("postgres")

    with ThreadPoolExecutor(4) as pool:
        purchases = [pool.submit(_purchase, shopper) for shopper in shoppers]
        until(lambda: purchases[0].done(), "the first purchase")
        send(postgres, signal.SIGQUIT)
        results = [purchase.result() for purchase in purchases]

    assert shop.pids("postgres") != [postgres]
    for sale, failures in results:
        assert [failure for failure in failures if "answered 503" not in failure] == []
        sale.await_topic("orders.finalized")


def test_while_postgresql_is_dead_everybody_is_asked_to_come_again_and_no_process_ends(shop: Shop) -> None:
    figures = outage.STOPPED.measure(shop, seconds=3, buyers=1)

    assert broken(figures) == []


def _purchase(shopper: Shopper) -> tuple[Sale, list[str]]:
    """Buy as a good client does: what goes wrong is asked again under the same key. Also what went wrong."""
    sales: list[Sale] = []
    failures: list[str] = []

    def bought() -> bool:
        try:
            sales.append(shopper.sale(shopper.check_out("once")))
        except PurchaseFailed as failure:
            failures.append(str(failure))
        return sales != []

    until(bought, "an order", within=30)
    sales[0].pay()
    return sales[0], failures
