"""A cart on the wire."""

from marshmallow import fields, validate

from app.carts.models import LINE_LIMIT
from app.carts.services.reordering import LEFT_OUT
from app.platform.schemas import MoneySchema, StrictSchema, Text, country_code, currency_code, whole_number


class AddItemSchema(StrictSchema):
    """Units of one variant, named by its id or its SKU."""

    either = ("variant_id", "sku")

    variant_id = fields.UUID()
    sku = Text(most=64, metadata={"example": "CHAIR-RED"})
    quantity = whole_number(1, LINE_LIMIT, required=True)
    currency = currency_code(
        load_default=None,
        allow_none=True,
        metadata={"description": "What the cart is to be in: the shop's own for one that begins without it"},
    )


class ChosenCurrencySchema(StrictSchema):
    """What to show and buy the cart in."""

    currency = currency_code(required=True)


class ChangeItemSchema(StrictSchema):
    """How many units are wanted; DELETE takes an item out."""

    quantity = whole_number(1, LINE_LIMIT, required=True)


class CartItemSchema(StrictSchema):
    """One article in a cart, at today's price.

    `previous_unit_price` is there when the price changed since it was added. Compare `available` to
    `quantity`: less is refused at checkout. An article off sale, or without a price in the cart's currency,
    has nothing available and costs nothing.
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


class ChosenCouponSchema(StrictSchema):
    """The code of a coupon; upper and lower case are the same."""

    coupon = Text(most=40, required=True, metadata={"example": "SPRING-10"})


class CouponProblemSchema(StrictSchema):
    """Why a coupon takes nothing off, as the problem document says it that checkout would answer."""

    type = fields.Function(lambda problem: f"/problems/{problem.code}", metadata={"type": "string"})
    title = fields.String()
    detail = fields.String()


class CartCouponSchema(StrictSchema):
    """The coupon in the cart, and what it takes off, shipping included: nothing while it has a `problem`."""

    code = fields.String(metadata={"example": "SPRING-10"})
    discount = fields.Nested(MoneySchema)
    problem = fields.Nested(CouponProblemSchema, allow_none=True)


class CartSchema(StrictSchema):
    """The whole cart. `id` and the times are null until the first item is added.

    Shipping and tax are estimates until checkout knows the address.
    """

    id = fields.UUID(allow_none=True)
    currency = fields.String(metadata={"example": "USD"})
    items = fields.List(fields.Nested(CartItemSchema))
    totals = fields.Nested("TotalsSchema")
    coupon = fields.Nested(CartCouponSchema, allow_none=True)
    updated_at = fields.DateTime(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)


class LeftOutSchema(StrictSchema):
    """Units of a line that are not in the cart: sold no more, sold out, or more than a line holds."""

    line_id = fields.UUID(attribute="line.id")
    variant_id = fields.UUID(attribute="line.variant_id")
    sku = fields.String(attribute="line.sku", metadata={"example": "CHAIR-RED"})
    name = fields.String(attribute="line.name", metadata={"example": "Garden chair, red"})
    quantity = fields.Integer()
    reason = fields.String(validate=validate.OneOf(LEFT_OUT))


class ReorderedSchema(StrictSchema):
    """The cart with what could be put into it, and what could not."""

    cart = fields.Nested(CartSchema)
    left_out = fields.List(fields.Nested(LeftOutSchema))


class DestinationQuery(StrictSchema):
    """Where exactly to deliver: a zone may end at a region, or at a postal code."""

    country = country_code(required=True, metadata={"description": "ISO 3166 alpha-2"})
    region = Text(load_default=None, metadata={"example": "OR"})
    postal_code = Text(most=20, load_default=None, metadata={"example": "97201"})
    pickup = fields.Boolean(
        load_default=False, metadata={"description": "What it comes to when it is picked up in a store there"}
    )


class QuotedMethodSchema(StrictSchema):
    """A way to deliver what is in a cart, and the days between which it comes if it is ordered now."""

    code = fields.String(attribute="method.code", metadata={"example": "standard"})
    name = fields.String(attribute="method.name")
    price = fields.Nested(MoneySchema, attribute="method.price")
    estimate = fields.String(attribute="method.estimate", metadata={"example": "3 to 5 working days"})
    fewest_days = fields.Integer(attribute="method.fewest_days")
    most_days = fields.Integer(attribute="method.most_days", allow_none=True)
    totals = fields.Nested("TotalsSchema", metadata={"description": "Of the cart, when it is delivered so"})
    earliest_delivery = fields.Date(metadata={"example": "2026-12-01"})
    latest_delivery = fields.Date(allow_none=True, metadata={"example": "2026-12-03"})


class QuotedMethodsSchema(StrictSchema):
    """The ways to deliver a cart, the cheapest first; none for an empty one."""

    items = fields.List(fields.Nested(QuotedMethodSchema))
    next_cursor = fields.String(allow_none=True)
