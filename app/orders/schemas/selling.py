"""Orders on the wire, as their sellers see them."""

from marshmallow import fields, validate

from app.orders.schemas.buying import OrderLineSchema, PickupStoreSchema
from app.orders.schemas.searching import KnownOfOrderSchema
from app.platform.schemas import AddressSchema, MoneySchema, PageQuery, StrictSchema

SOLD = ("paid", "packed", "shipped", "delivered", "cancelled")


class ParcelAddressSchema(AddressSchema):
    """Where to send a parcel."""

    class Meta(AddressSchema.Meta):
        exclude = ("phone",)


class SoldOrderSchema(StrictSchema):
    """A paid order with the caller's lines. The address is there as long as some of these are to be sent."""

    id = fields.UUID(attribute="order.id")
    number = fields.String(attribute="order.number", metadata={"example": "ORD-20260117-7K3M9Q"})
    status = fields.String(attribute="order.status", validate=validate.OneOf(SOLD))
    lines = fields.List(fields.Nested(OrderLineSchema))
    lines_total = fields.Nested(MoneySchema)
    shipping_address = fields.Nested(ParcelAddressSchema, allow_none=True)
    pickup_store = fields.Nested(PickupStoreSchema, attribute="order.pickup_store", allow_none=True)
    delivery_date = fields.Date(attribute="order.delivery_date", allow_none=True)
    placed_at = fields.DateTime(attribute="order.placed_at")
    paid_at = fields.DateTime(attribute="order.paid_at")


class SoldOrdersSchema(StrictSchema):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(SoldOrderSchema))
    next_cursor = fields.String(allow_none=True)


class SoldOrdersQuery(PageQuery, KnownOfOrderSchema):
    """Which orders to list; the SKU is of one of the caller's lines."""

    status = fields.String(load_default=None, validate=validate.OneOf(SOLD))
