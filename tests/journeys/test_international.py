"""An order abroad, in a currency without decimals, until all of its money is back: every sum by hand.

The cart: 3 bowls at 3333 are 9999, 7 teas at 451 are 3157; together 13156. They weigh 2800 g: 2800 by air.
12.5 % off are 1644.5, so 1645, shared by 1250.25 and 394.75.

|          |  price | discount |  left |  rate |   tax | charged |
|----------|-------:|---------:|------:|------:|------:|--------:|
| bowls    |   9999 |     1250 |  8749 |  20 % |  1750 |   10499 |
| teas     |   3157 |      395 |  2762 | 5.5 % |   152 |    2914 |
| shipping |   2800 |        0 |  2800 |  20 % |   560 |    3360 |
| all      |  15956 |     1645 | 14311 |       |  2462 |   16773 |

20 % of 8749 + 2800 are 2309.8, so 2310, shared by 1749.95 and 560.05; 5.5 % of 2762 are 151.91.
A bowl was 3500, 3500 and 3499; a tea twice 417, then 416. What goes back:

|                               | amount | of it tax                        |
|-------------------------------|-------:|----------------------------------|
| 2 teas that are never sent    |    834 |   44 (of 152 in 2914: 43.50)     |
| 2 bowls that came back, 7000, |        | 1167 (of 1750 in 10499: 1166.78) |
| and all of their shipping     |  10360 |  560                             |
| 3 teas that came back         |   1248 |   65 (of 108 in 2080: 64.8)      |
| the rest, as a kindness       |   4331 |  626                             |
| all                           |  16773 | 2462                             |
"""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from tests.fulfillment.sending import healthy
from tests.journeys.international import ABROAD, BOWL, CURRENCY, GOODS, TEA, Shop, done, opened, yen
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

TOTALS = {"subtotal": 13156, "discount": 1645, "shipping": 2800, "tax": 2462, "total": 16773}


def test_an_order_abroad_comes_to_the_same_sums_wherever_they_are_told(
    client: FlaskClient, stripe: StandIn
) -> None:
    shop = opened(client)
    order, intent_id = _bought(shop, stripe)
    path = f"/v1/orders/{order['id']}"
    line = {each["sku"]: each["id"] for each in order["lines"]}
    assert _documents(shop, path) == [("invoice", 16773, 2462)]

    unsent = {"line_id": line[TEA], "quantity": 2, "restock": True}
    assert shop.refund(order["id"], lines=[unsent])["amount"] == yen(834)
    assert [_sent(shop.send(sku)) for sku in (BOWL, TEA)] == [[(BOWL, 3)], [(TEA, 5)]]
    bowls, teas = _asked_back(shop, path, line)
    back = {"quantity": 2, "line_id": line[BOWL], "restock": True}
    received = done(shop.admin.post(f"{bowls}/receive", {"lines": [back], "shipping": True}))
    assert received["refunded"] == yen(10360)
    opened_packs = {"quantity": 3, "line_id": line[TEA], "restock": False}
    received = done(shop.sellers[TEA].post(f"{teas}/receive", {"lines": [opened_packs]}))
    assert received["refunded"] == yen(1248)
    drain()
    assert _standing(shop, path) == ("delivered", "partially_refunded", "delivered")
    assert shop.refund(order["id"])["amount"] == yen(4331)
    _work(shop, stripe)

    notes = [("credit_note", *each) for each in ((834, 44), (10360, 1727), (1248, 65), (4331, 626))]
    assert _documents(shop, path) == [("invoice", 16773, 2462), *notes]
    assert _standing(shop, path) == ("delivered", "refunded", "delivered")
    assert done(shop.buyer.get(path))["totals"] == _shown()
    assert _exported(shop) == TOTALS
    assert _given_back(stripe, intent_id) == [834, 10360, 1248, 4331]
    # Ten bowls less three, and two that came back; twenty teas less seven, and two that were never sent.
    assert (shop.units(BOWL), shop.units(TEA)) == ((9, 0), (15, 0))
    assert healthy()


def _shown() -> Any:
    """The totals as carts and orders tell them."""
    return {name: yen(amount) for name, amount in TOTALS.items()} | {"tax_included": False}


def _bought(shop: Shop, stripe: StandIn) -> tuple[Any, str]:
    """The order, paid by card, and the intent behind it; cart, order and intent say the same."""
    for sku, units in ((BOWL, 3), (TEA, 7)):
        done(shop.buyer.post("/v1/cart/items", {"sku": sku, "quantity": units, "currency": CURRENCY}))
    cart = done(
        shop.buyer.client.put("/v1/cart/coupon", headers=shop.buyer.headers, json={"coupon": "hanami"})
    )
    answer = shop.buyer.check_out(shipping_address=ABROAD, shipping_method="air", expected_total=yen(16773))
    order, payment = done(answer)["order"], answer.get_json()["payment"]
    intent = stripe.confirm(payment["provider_id"])
    _work(shop, stripe)

    assert cart["totals"] == order["totals"] == _shown()
    assert (payment["amount"], intent.amount_received, intent.currency) == (yen(16773), 16773, "jpy")
    assert (shop.units(BOWL), shop.units(TEA)) == ((7, 0), (13, 0))
    return order, intent.id


def _work(shop: Shop, stripe: StandIn) -> None:
    """The backroom does what is owed, and hears what the provider tells."""
    drain()
    deliver_all(shop.buyer.client, stripe)
    drain()


def _asked_back(shop: Shop, path: str, line: dict[str, str]) -> Sequence[str]:
    """The paths of two returns, of a wish for two bowls and three teas, both approved by their sellers."""
    wish = [
        {"line_id": line[sku], "quantity": units, "reason": "damaged"} for sku, units in ((BOWL, 2), (TEA, 3))
    ]
    made = done(shop.buyer.post(f"{path}/returns", {"lines": wish}, key=str(uuid4())))["items"]
    by_sku = {each["lines"][0]["sku"]: f"/v1/returns/{each['id']}" for each in made}
    for sku in GOODS:
        assert done(shop.sellers[sku].post(f"{by_sku[sku]}/approve"))["status"] == "approved"
    return by_sku[BOWL], by_sku[TEA]


def _sent(slip: Any) -> Any:
    """What a slip says that lies in the parcel."""
    return [(each["sku"], each["quantity"]) for each in slip["lines"]]


def _standing(shop: Shop, path: str) -> tuple[str, ...]:
    """Where order, money and goods are."""
    order = done(shop.buyer.get(path))
    return order["status"], order["payment_status"], order["fulfillment_status"]


def _documents(shop: Shop, path: str) -> Any:
    """Kind, total and tax of the invoice and of each credit note, all of which can be read."""
    documents = done(shop.buyer.get(f"{path}/documents"))["items"]
    for each in documents:
        assert shop.buyer.get(f"{path}/documents/{each['id']}").data.startswith(b"%PDF-")
        assert each["total"]["currency"] == CURRENCY
    return [(each["kind"], each["total"]["amount"], each["tax"]["amount"]) for each in documents]


def _exported(shop: Shop) -> Any:
    """The amounts of the one order with tea, as a spreadsheet gets them."""
    job = done(shop.admin.post("/v1/admin/order-exports", {"criteria": {"sku": TEA}}))
    drain()
    file = shop.admin.get(f"/v1/admin/order-exports/{job['id']}/file").get_data(as_text=True)
    (row,) = csv.DictReader(StringIO(file, newline=""))
    assert (row["currency"], row["items"]) == (CURRENCY, f"3 x {BOWL}; 7 x {TEA}")
    return {name: int(row[name]) for name in TOTALS}


def _given_back(stripe: StandIn, intent_id: str) -> Any:
    """What the provider has sent back of a payment, oldest first."""
    refunds = stripe.client.v1.refunds.list({"payment_intent": intent_id})
    assert {(each.status, each.currency) for each in refunds.data} == {("succeeded", "jpy")}
    return [each.amount for each in refunds.data][::-1]
