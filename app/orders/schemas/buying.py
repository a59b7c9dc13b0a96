"""Orders on the wire."""

from marshmallow import fields, validate

from app.media.queries import address
from app.orders.states import MOVES
from app.platform.money import percent
from app.platform.schemas import AddressSchema, MoneySchema, PageQuery, StrictSchema


class OrderLineSchema(StrictSchema):
    """One line, with the name, picture and price it had; a picture that was removed since is not found.

    `discount` and `tax` are of all its units; whether the price contains the tax, the totals say.
    """

    id = fields.UUID()
    product_id = fields.UUID()
    variant_id = fields.UUID()
    sku = fields.String(metadata={"example": "CHAIR-RED"})
    name = fields.String(metadata={"example": "Garden chair, red"})
    image = fields.Function(lambda line: address(line.image), metadata={"type": ["string", "null"]})
    quantity = fields.Integer()
    unit_price = fields.Nested(MoneySchema)
    line_total = fields.Nested(MoneySchema)
    discount = fields.Nested(MoneySchema)
    tax = fields.Nested(MoneySchema)
    tax_percent = fields.Function(
        lambda line: percent(line.tax_basis_points), metadata={"type": "string", "example": "8.875"}
    )


class OrderShippingSchema(StrictSchema):
    """How it is sent."""

    method = fields.String()
    name = fields.String()
    cost = fields.Nested(MoneySchema)
    estimate = fields.String()


class PickupAddressSchema(AddressSchema):
    """Where a store is."""

    class Meta(AddressSchema.Meta):
        exclude = ("name", "company", "phone")


class PickupStoreSchema(StrictSchema):
    """The store in which an order is picked up, as it was when that was ordered."""

    id = fields.UUID()
    name = fields.String(metadata={"example": "Backroom Portland"})
    address = fields.Nested(PickupAddressSchema)
    latitude = fields.Float()
    longitude = fields.Float()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    hours = fields.Dict(metadata={"example": {"mon": [{"opens": "09:00", "closes": "18:00"}]}})


class OrderSchema(StrictSchema):
    """An order as its buyer sees it."""

    id = fields.UUID()
    number = fields.String(metadata={"example": "ORD-20260117-7K3M9Q"})
    status = fields.String(validate=validate.OneOf(list(MOVES)))
    payment_status = fields.String()
    fulfillment_status = fields.String()
    lines = fields.List(fields.Nested(OrderLineSchema))
    totals = fields.Nested("TotalsSchema")
    coupon = fields.String(attribute="coupon_code", allow_none=True, metadata={"example": "SPRING-10"})
    tax_number = fields.String(allow_none=True, metadata={"example": "DE136695976"})
    shipping_address = fields.Nested(AddressSchema)
    billing_address = fields.Nested(AddressSchema)
    shipping = fields.Nested(OrderShippingSchema)
    pickup_store = fields.Nested(PickupStoreSchema, allow_none=True)
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
