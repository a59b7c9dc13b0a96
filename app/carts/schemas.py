"""A cart on the wire."""

from marshmallow import fields

from app.carts.models import LINE_LIMIT
from app.platform.schemas import MoneySchema, StrictSchema, Text, whole_number


class AddItemSchema(StrictSchema):
    """Units of one variant, named by its id or its SKU."""

    either = ("variant_id", "sku")

    variant_id = fields.UUID()
    sku = Text(most=64, metadata={"example": "CHAIR-RED"})
    quantity = whole_number(1, LINE_LIMIT, required=True)


class ChangeItemSchema(StrictSchema):
    """How many units are wanted; DELETE takes an item out."""

    quantity = whole_number(1, LINE_LIMIT, required=True)


class CartItemSchema(StrictSchema):
    """One article in a cart, at today's price.

    `previous_unit_price` is there when the price changed since it was added. Compare `available` to
    `quantity`: less is refused at checkout. An article off sale has nothing available and costs nothing.
    """

    id = fields.UUID()
    product_id = fields.UUID()
    variant_id = fields.UUID()
    sku = fields.String(metadata={"example": "CHAIR-RED"})
    name = fields.String(metadata={"example": "Garden chair, red"})
    image = fields.String(allow_none=True)
    quantity = fields.Integer()
    unit_price = fields.Nested(MoneySchema)
    line_total = fields.Nested(MoneySchema)
    added_at = fields.DateTime()
    previous_unit_price = fields.Nested(MoneySchema, allow_none=True)
    available = fields.Integer()


class CartSchema(StrictSchema):
    """The whole cart. `id` and the times are null until the first item is added.

    Shipping and tax are estimates until checkout knows the address.
    """

    id = fields.UUID(allow_none=True)
    currency = fields.String(metadata={"example": "USD"})
    items = fields.List(fields.Nested(CartItemSchema))
    totals = fields.Nested("TotalsSchema")
    updated_at = fields.DateTime(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)
