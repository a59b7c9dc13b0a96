"""Parcels and returns on the wire."""

from marshmallow import fields, validate

from app.fulfillment.states import DELIVERED, MOVES, PACKED, RETURN_MOVES, RETURN_REASONS, SHIPPED
from app.platform.schemas import (
    MoneySchema,
    PageQuery,
    StrictSchema,
    Text,
    WebAddress,
    WholeListSchema,
    whole_number,
)

MOST_LINES = 100


class PackedUnitsSchema(StrictSchema):
    """Units of an order's line."""

    line_id = fields.UUID(required=True)
    quantity = whole_number(1, 10_000, required=True, metadata={"example": 1})


class PackSchema(StrictSchema):
    """What is in the parcel; left out, all that its seller still has to pack."""

    may_be_absent = True

    lines = fields.List(
        fields.Nested(PackedUnitsSchema),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MOST_LINES),
    )


class TrackingSchema(StrictSchema):
    """Who carries the parcel, and how it is followed: the page of a known carrier need not be given."""

    may_be_absent = True

    carrier = Text(most=60, allow_none=True, metadata={"example": "DHL"})
    tracking_number = Text(most=80, allow_none=True, metadata={"example": "JD014600003SE"})
    tracking_url = WebAddress(allow_none=True)
    estimated_delivery = fields.Date(allow_none=True, metadata={"example": "2026-12-01"})


class OrderChangeSchema(StrictSchema):
    """What a buyer wishes for now; what is left out stays, null takes it back."""

    delivery_date = fields.Date(allow_none=True, metadata={"example": None})
    gift_message = Text(most=500, allow_none=True, metadata={"example": "Happy birthday!"})


class ParcelLineSchema(StrictSchema):
    """Units of a line that are in the parcel; while it is open, those that are still to be packed."""

    line_id = fields.UUID(attribute="line.id")
    sku = fields.String(attribute="line.sku", metadata={"example": "CHAIR-RED"})
    name = fields.String(attribute="line.name", metadata={"example": "Garden chair, red"})
    quantity = fields.Integer()


class ParcelSchema(StrictSchema):
    """A parcel as who sends it sees it."""

    id = fields.UUID(attribute="row.id")
    order_id = fields.UUID(attribute="order.id")
    order_number = fields.String(attribute="order.number", metadata={"example": "ORD-20260117-7K3M9Q"})
    order_status = fields.String(attribute="order.status")
    seller_id = fields.UUID(attribute="row.seller_id")
    number = fields.Integer(attribute="row.parcel", metadata={"description": "Counts the seller's, from 1"})
    status = fields.String(attribute="row.status", validate=validate.OneOf(list(MOVES)))
    lines = fields.List(fields.Nested(ParcelLineSchema))
    pickup_store = fields.Nested("PickupStoreSchema", attribute="order.pickup_store", allow_none=True)
    delivery_date = fields.Date(attribute="order.delivery_date", allow_none=True)
    carrier = fields.String(attribute="row.carrier", allow_none=True)
    tracking_number = fields.String(attribute="row.tracking_number", allow_none=True)
    tracking_url = fields.String(attribute="row.tracking_url", allow_none=True)
    estimated_delivery = fields.Date(attribute="row.estimated_delivery", allow_none=True)
    created_at = fields.DateTime(attribute="row.created_at")
    processing_at = fields.DateTime(attribute="row.processing_at", allow_none=True)
    packed_at = fields.DateTime(attribute="row.packed_at", allow_none=True)
    ready_at = fields.DateTime(
        attribute="row.ready_at",
        allow_none=True,
        metadata={"description": "Since then it waits in the store where it is picked up"},
    )
    shipped_at = fields.DateTime(attribute="row.shipped_at", allow_none=True)
    delivered_at = fields.DateTime(attribute="row.delivered_at", allow_none=True)
    cancelled_at = fields.DateTime(attribute="row.cancelled_at", allow_none=True)


class ParcelsSchema(StrictSchema):
    """A page of parcels, those that were made last first."""

    items = fields.List(fields.Nested(ParcelSchema))
    next_cursor = fields.String(allow_none=True)


class ParcelsOfOrderSchema(WholeListSchema):
    """All parcels of an order."""

    items = fields.List(fields.Nested(ParcelSchema))


class ParcelsQuery(PageQuery):
    """Which parcels to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(MOVES)))


class AdvanceSchema(StrictSchema):
    """How far all parcels of an order are."""

    status = fields.String(required=True, validate=validate.OneOf((PACKED, SHIPPED, DELIVERED)))


class PackingSlipSchema(StrictSchema):
    """What lies with the goods: no prices. Address and gift message are there until the parcel has left."""

    parcel_id = fields.UUID(attribute="row.id")
    order_number = fields.String(attribute="order.number", metadata={"example": "ORD-20260117-7K3M9Q"})
    number = fields.Integer(attribute="row.parcel", metadata={"description": "Counts the seller's, from 1"})
    placed_at = fields.DateTime(attribute="order.placed_at")
    shipping_address = fields.Nested("ParcelAddressSchema", allow_none=True)
    shipping_method = fields.String(attribute="order.shipping_method_name")
    delivery_date = fields.Date(attribute="order.delivery_date", allow_none=True)
    gift_message = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(ParcelLineSchema))


class UnwantedUnitsSchema(StrictSchema):
    """Units of an order's line that are to be sent back, and why."""

    line_id = fields.UUID(required=True)
    quantity = whole_number(1, 10_000, required=True, metadata={"example": 1})
    reason = fields.String(
        required=True, validate=validate.OneOf(RETURN_REASONS), metadata={"example": "damaged"}
    )


class NewReturnSchema(StrictSchema):
    """What is to be sent back, each line once."""

    lines = fields.List(
        fields.Nested(UnwantedUnitsSchema), required=True, validate=validate.Length(1, MOST_LINES)
    )
    comment = Text(most=500, load_default=None, allow_none=True, metadata={"example": "A leg is loose."})


class ReturnedUnitsSchema(StrictSchema):
    """Units of a line that are to come back, and how many have; `restock`: these went to the shelf."""

    line_id = fields.UUID(attribute="line.id")
    sku = fields.String(attribute="line.sku", metadata={"example": "CHAIR-RED"})
    name = fields.String(attribute="line.name", metadata={"example": "Garden chair, red"})
    quantity = fields.Integer(attribute="row.quantity")
    reason = fields.String(attribute="row.reason", validate=validate.OneOf(RETURN_REASONS))
    received = fields.Integer(attribute="row.received")
    restock = fields.Boolean(attribute="row.restock")


class ReturnSchema(StrictSchema):
    """A return of one seller's goods. `refunded` is what goes back for what was received, or went.

    Retried, its refund may be for less. Null while it has failed: nothing goes back then.
    """

    id = fields.UUID(attribute="row.id")
    order_id = fields.UUID(attribute="order.id")
    order_number = fields.String(attribute="order.number", metadata={"example": "ORD-20260117-7K3M9Q"})
    seller_id = fields.UUID(attribute="row.seller_id")
    status = fields.String(attribute="row.status", validate=validate.OneOf(list(RETURN_MOVES)))
    lines = fields.List(fields.Nested(ReturnedUnitsSchema))
    comment = fields.String(attribute="row.comment", allow_none=True)
    note = fields.String(attribute="row.note", allow_none=True)
    refunded = fields.Nested(MoneySchema, attribute="refund.money", dump_default=None, allow_none=True)
    requested_at = fields.DateTime(attribute="row.requested_at")
    approved_at = fields.DateTime(attribute="row.approved_at", allow_none=True)
    rejected_at = fields.DateTime(attribute="row.rejected_at", allow_none=True)
    received_at = fields.DateTime(attribute="row.received_at", allow_none=True)
    withdrawn_at = fields.DateTime(attribute="row.withdrawn_at", allow_none=True)


class ReturnableSchema(StrictSchema):
    """Units of a line that can be sent back now."""

    line_id = fields.UUID()
    quantity = fields.Integer()


class ReturnsOfOrderSchema(WholeListSchema):
    """All returns of an order, oldest first, and what else of it can be returned now."""

    items = fields.List(fields.Nested(ReturnSchema))
    returnable = fields.List(fields.Nested(ReturnableSchema))


class ReturnsSchema(StrictSchema):
    """A page of returns, those that were asked for last first."""

    items = fields.List(fields.Nested(ReturnSchema))
    next_cursor = fields.String(allow_none=True)


class ReturnsQuery(PageQuery):
    """Which returns to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(RETURN_MOVES)))


class ApprovalSchema(StrictSchema):
    """What the buyer is told, how to send it say."""

    may_be_absent = True

    note = Text(most=500, load_default=None, allow_none=True)


class RejectionSchema(StrictSchema):
    """Why not; the buyer is told."""

    note = Text(most=500, required=True, metadata={"example": "The seal is broken."})
