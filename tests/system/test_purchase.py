from tests.system.shop import Shop
from tests.system.shopping import PAID, PENDING, Shopper, place_order


def test_a_purchase_ends_as_a_paid_and_finalized_order_with_two_mails(shop: Shop) -> None:
    sale = place_order(shop)
    assert _listed(sale.shopper) == [(sale.order_id, *PENDING)]

    sale.pay()

    sale.await_sold_once()
    assert _listed(sale.shopper) == [(sale.order_id, *PAID)]


def _listed(shopper: Shopper) -> list[tuple[str, str, str]]:
    """The buyer's orders."""
    items = shopper.ask("GET", "/v1/orders").json()["items"]
    return [(order["id"], order["status"], order["payment_status"]) for order in items]
