"""An order's timeline on the wire."""

from marshmallow import fields, validate

from app.ops.queries.sources import RANKS
from app.platform.schemas import LinkQuery, PageQuery, StrictSchema, Text

FOR_OPERATORS = {"x-optional": True}
"""Fields that only operators get."""


class TimelineQuery(PageQuery, LinkQuery):
    """How much of a timeline, and from where on."""

    request_id = Text(
        load_default=None, metadata={"description": "Only what followed from it; operators alone may ask"}
    )


class TimelineItemSchema(StrictSchema):
    """One thing that happened to an order. `details` are ids, amounts and outcomes, by its `kind`."""

    sequence = fields.Integer()
    at = fields.DateTime()
    topic = fields.String(metadata={"example": "orders.paid"})
    title = fields.String(metadata={"example": "Payment received"})
    id = fields.String(metadata=FOR_OPERATORS | {"example": "fact:12"})
    kind = fields.String(validate=validate.OneOf(list(RANKS)), metadata=FOR_OPERATORS)
    request_id = fields.String(allow_none=True, metadata=FOR_OPERATORS)
    actor = fields.String(allow_none=True, metadata=FOR_OPERATORS)
    details = fields.Dict(keys=fields.String(), metadata=FOR_OPERATORS | {"example": {"delivery_id": 7}})


class TimelineSchema(StrictSchema):
    """What happened, in its order."""

    items = fields.List(fields.Nested(TimelineItemSchema))
    next_cursor = fields.String(allow_none=True)
