"""Prices on the wire."""

from marshmallow import fields

from app.platform.schemas import MoneySchema, StrictSchema, country_code, currency_code


class ShippingMethodsQuery(StrictSchema):
    """Where to deliver."""

    country = country_code(required=True, metadata={"description": "ISO 3166 alpha-2"})
    currency = currency_code(load_default=None)


class ShippingMethodSchema(StrictSchema):
    """A way to deliver; `code` is what checkout takes."""

    code = fields.String(metadata={"example": "standard"})
    name = fields.String()
    price = fields.Nested(MoneySchema)
    estimate = fields.String(metadata={"example": "3 to 5 working days"})
    fewest_days = fields.Integer(metadata={"description": "Working days that it takes at least"})
    most_days = fields.Integer(
        allow_none=True, metadata={"description": "Working days that it takes at most, if anybody knows"}
    )


class ShippingMethodsSchema(StrictSchema):
    """The ways to deliver, the cheapest first."""

    items = fields.List(fields.Nested(ShippingMethodSchema))
    next_cursor = fields.String(allow_none=True)


class TotalsSchema(StrictSchema):
    """What a total is made of; carts and orders refer to it by name.

    The discount is of items and shipping together, and so is the tax. It is added to the other sums, or
    `tax_included` says that it is a part of them.
    """

    subtotal = fields.Nested(MoneySchema)
    discount = fields.Nested(MoneySchema)
    shipping = fields.Nested(MoneySchema)
    tax = fields.Nested(MoneySchema)
    tax_included = fields.Boolean()
    total = fields.Nested(MoneySchema)
