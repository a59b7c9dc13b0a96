"""Prices on the wire."""

from marshmallow import fields, validate

from app.platform.schemas import MoneySchema, StrictSchema


class ShippingMethodsQuery(StrictSchema):
    """Where to deliver."""

    country = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Z]{2}\Z", error="Must be two capital letters, like US."),
        metadata={"example": "US", "description": "ISO 3166 alpha-2"},
    )


class ShippingMethodSchema(StrictSchema):
    """A way to deliver; `code` is what checkout takes."""

    code = fields.String(metadata={"example": "standard"})
    name = fields.String()
    price = fields.Nested(MoneySchema)
    estimate = fields.String(metadata={"example": "3 to 5 working days"})


class ShippingMethodsSchema(StrictSchema):
    """The ways to deliver, the cheapest first."""

    items = fields.List(fields.Nested(ShippingMethodSchema))
    next_cursor = fields.String(allow_none=True)


class TotalsSchema(StrictSchema):
    """What a total is made of; carts and orders refer to it by name."""

    subtotal = fields.Nested(MoneySchema)
    discount = fields.Nested(MoneySchema)
    shipping = fields.Nested(MoneySchema)
    tax = fields.Nested(MoneySchema)
    total = fields.Nested(MoneySchema)
