"""A shop of dollars that also sells in yen, and sends to France.

It has two sellers, two rates of tax, rates by weight, and a coupon.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from tests.buyers import Buyer, make_buyer
from tests.factories import money
from tests.sales import ADDRESS

CURRENCY = "JPY"
ABROAD = ADDRESS | {"line1": "5 rue de Vaugirard", "city": "Paris", "postal_code": "75006", "country": "FR"}
TAX_ZONE = {"country": "FR", "is_default": True, "rates": {"standard": "20", "food": "5.5"}}
SHIPPING_ZONE = {"name": "France", "is_default": True, "places": [{"country": "FR"}]}
BY_WEIGHT = {
    "code": "air",
    "name": "By air",
    "currency": CURRENCY,
    "tiers": [{"up_to_grams": 2000, "amount": 1500}, {"up_to_grams": 5000, "amount": 2800}],
    "fewest_days": 4,
    "most_days": 8,
}
COUPON = {"code": "HANAMI", "kind": "percentage", "basis_points": 1250}
BOWL, TEA = "BOWL", "TEA"
GOODS = {BOWL: ("standard", 2199, 3333, 700, 10), TEA: ("food", 299, 451, 100, 20)}
"""What their sellers sell: category of tax, cents, yen, grams, units."""


def yen(amount: int) -> Any:
    """An amount as the API has it."""
    return money(amount, CURRENCY)


def done(answer: Any) -> Any:
    """What was answered to something that went well."""
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.get_json()


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's people; `sellers` by what they sell."""

    admin: Buyer
    sellers: dict[str, Buyer]
    buyer: Buyer

    def units(self, sku: str) -> tuple[int, int]:
        """Units on hand and reserved."""
        level = done(self.admin.get(f"/v1/admin/inventory/{sku}"))
        return level["on_hand"], level["reserved"]

    def refund(self, order_id: str, **body: Any) -> Any:
        """As an operator, give money back."""
        path = f"/v1/admin/orders/{order_id}/refunds"
        return done(self.admin.post(path, {"reason": "other"} | body, key=str(uuid4())))

    def send(self, sku: str) -> Any:
        """Have a seller send and bring the only parcel: the slip that lay in it."""
        seller = self.sellers[sku]
        (parcel,) = done(seller.get("/v1/parcels"))["items"]
        path = f"/v1/parcels/{parcel['id']}"
        done(seller.post(f"{path}/pack"))
        slip = done(seller.get(f"{path}/packing-slip"))
        for step in ("ship", "deliver"):
            done(seller.post(f"{path}/{step}"))
        return slip


def opened(client: FlaskClient) -> Shop:
    """All that has to be there before the first buyer comes, entered over HTTP."""
    shop = Shop(
        make_buyer(client, "admin"), {sku: make_buyer(client, "seller") for sku in GOODS}, make_buyer(client)
    )
    done(shop.admin.post("/v1/admin/tax-zones", TAX_ZONE))
    zone = done(shop.admin.post("/v1/admin/shipping-zones", SHIPPING_ZONE))
    done(shop.admin.post(f"/v1/admin/shipping-zones/{zone['id']}/rates", BY_WEIGHT))
    done(shop.admin.post("/v1/admin/coupons", COUPON))
    for sku in GOODS:
        _offer(shop, sku)
    return shop


def _offer(shop: Shop, sku: str) -> None:
    category, cents, price, grams, stock = GOODS[sku]
    prices = {"price": money(cents), "prices": [{"price": yen(price)}]}
    variant = {"sku": sku, "weight_grams": grams} | prices
    product = {"name": sku.title(), "status": "active", "tax_category": category, "variants": [variant]}
    done(shop.sellers[sku].post("/v1/seller/products", product))
    received = {"change": stock, "reason": "received"}
    done(shop.admin.post(f"/v1/admin/inventory/{sku}/adjustments", received))
