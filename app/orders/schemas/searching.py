"""What orders are looked for by, and those that were found."""

from marshmallow import fields, validate

from app.orders.schemas.buying import OrderSchema
from app.orders.states import MOVES, PAYMENT_STATES
from app.platform.schemas import Moment, PageQuery, StrictSchema, Text


class KnownOfOrderSchema(StrictSchema):
    """What everybody may look for who has to do with an order."""

    number = Text(most=40, load_default=None, metadata={"example": "ORD-20260117-7K3M9Q"})
    sku = Text(most=64, load_default=None, metadata={"example": "CHAIR-RED"})
    since = Moment(load_default=None)
    until = Moment(load_default=None, metadata={"description": "Not this moment itself"})


class OrderCriteriaSchema(KnownOfOrderSchema):
    """What must be true of an order. `name` are whole words of the name in either address."""

    email = Text(most=254, load_default=None, metadata={"example": "ada@example.com"})
    name = Text(most=100, load_default=None, metadata={"example": "Lovelace"})
    status = fields.String(load_default=None, validate=validate.OneOf(list(MOVES)))
    payment_status = fields.String(load_default=None, validate=validate.OneOf(PAYMENT_STATES))


class OrderSearchQuery(PageQuery, OrderCriteriaSchema):
    """Which orders to list."""


class FoundOrderSchema(OrderSchema):
    """An order as the shop's people see it."""

    email = fields.String(metadata={"example": "ada@example.com"})
    user_id = fields.UUID(allow_none=True)


class FoundOrdersSchema(StrictSchema):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(FoundOrderSchema))
    next_cursor = fields.String(allow_none=True)
