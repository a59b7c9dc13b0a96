"""Orders on the wire."""

from marshmallow import fields, validate

from app.media.queries import address
from app.orders.states import MOVES
from app.platform.schemas import AddressSchema, MoneySchema, PageQuery, StrictSchema


class OrderLineSchema(StrictSchema):
    """One line, with the name, picture and price it had; a picture that was removed since is not found."""

    id = fields.UUID()
    product_id = fields.UUID()
    variant_id = fields.UUID()
    sku = fields.String(metadata={"example": "CHAIR-RED"})
    name = fields.String(metadata={"example": "Garden chair, red"})
    image = fields.Function(lambda line: address(line.image), metadata={"type": ["string", "null"]})
    quantity = fields.Integer()
    unit_price = fields.Nested(MoneySchema)
    line_total = fields.Nested(MoneySchema)


class OrderShippingSchema(StrictSchema):
    """How it is sent."""

    method = fields.String()
    name = fields.String()
    cost = fields.Nested(MoneySchema)
    estimate = fields.String()


class OrderSchema(StrictSchema):
    """An order as its buyer sees it."""

    id = fields.UUID()
    number = fields.String(metadata={"example": "ORD-20260117-7K3M9Q"})
    status = fields.String(validate=validate.OneOf(list(MOVES)))
    payment_status = fields.String()
    fulfillment_status = fields.String()
    lines = fields.List(fields.Nested(OrderLineSchema))
    totals = fields.Nested("TotalsSchema")
    shipping_address = fields.Nested(AddressSchema)
    billing_address = fields.Nested(AddressSchema)
    shipping = fields.Nested(OrderShippingSchema)
    parcels = fields.List(fields.Dict())
    delivery_date = fields.Date(allow_none=True)
    gift_message = fields.String(allow_none=True)
    hold_until = fields.DateTime(metadata={"description": "Until then an unpaid order keeps its stock"})
    placed_at = fields.DateTime()
    paid_at = fields.DateTime(allow_none=True)
    shipped_at = fields.DateTime(allow_none=True)
    delivered_at = fields.DateTime(allow_none=True)
    cancelled_at = fields.DateTime(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    cancel_requested_at = fields.DateTime(allow_none=True)
    updated_at = fields.DateTime()


class OrdersSchema(StrictSchema):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(OrderSchema))
    next_cursor = fields.String(allow_none=True)


class OrdersQuery(PageQuery):
    """Which orders to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(MOVES)))
