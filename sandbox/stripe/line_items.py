"""What a Checkout Session sells: its line items, each with a price of its own."""

from sandbox.stripe import clock
from sandbox.stripe.books import Json
from sandbox.stripe.errors import malformed
from sandbox.stripe.ids import new_id
from sandbox.stripe.money import refuse_fractions
from sandbox.stripe.parameters import refuse_unmodelled

MOST = 100
ITEM = frozenset({"price_data", "quantity", "metadata"})
PRICE = frozenset({"currency", "unit_amount", "product_data"})
PRODUCT = frozenset({"name", "description", "images", "metadata"})


def new_items(given: list[Json]) -> list[Json]:
    """The items as Stripe shows them. Raises Refusal for what is missing, unknown or not modelled."""
    if not 1 <= len(given) <= MOST:
        raise malformed(f"A session has 1 to {MOST} line items.", param="line_items")
    items = [_item(item, f"line_items[{index}]") for index, item in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise malformed("All line items must have the same currency.", param="line_items")
    return items


def _item(given: Json, path: str) -> Json:
    refuse_unmodelled(given, ITEM, path)
    quantity = given.get("quantity", 0)
    if quantity < 1:
        raise malformed("Quantity must be at least 1.", param=f"{path}[quantity]")
    price = _price(given.get("price_data", {}), f"{path}[price_data]")
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": given["price_data"]["product_data"]["name"],
        "metadata": given.get("metadata", {}),
        "price": price,
        "quantity": quantity,
    }


def _price(given: Json, path: str) -> Json:
    refuse_unmodelled(given, PRICE, path)
    for name in ("currency", "unit_amount", "product_data"):
        if name not in given:
            param = f"{path}[{name}]"
            raise malformed(f"Missing required param: {param}.", code="parameter_missing", param=param)
    refuse_unmodelled(given["product_data"], PRODUCT, f"{path}[product_data]")
    if given["unit_amount"] < 0:
        raise malformed("Amounts are not negative.", param=f"{path}[unit_amount]")
    refuse_fractions(given["unit_amount"], given["currency"].lower(), param=f"{path}[unit_amount]")
    absent = ("custom_unit_amount", "lookup_key", "nickname", "recurring", "tiers_mode", "transform_quantity")
    return {
        **dict.fromkeys(absent),
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": clock.timestamp(),
        "currency": given["currency"].lower(),
        "livemode": False,
        "metadata": {},
        "product": new_id("prod"),
        "tax_behavior": "unspecified",
        "type": "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }
