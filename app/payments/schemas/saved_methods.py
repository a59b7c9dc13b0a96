"""Saved payment methods on the wire. A card's number never comes here: it goes to the provider."""

from marshmallow import fields

from app.platform.schemas import StrictSchema


class SetupSchema(StrictSchema):
    """What a card form of the provider saves a card with."""

    provider_id = fields.String(metadata={"example": "seti_1Mm8s8LkdIwHu7ix0OXBfTRG"})
    status = fields.String(metadata={"example": "requires_payment_method"})
    client_secret = fields.String()


class SavedMethodSchema(StrictSchema):
    """A saved payment method; `expired`: its last month is over."""

    id = fields.UUID()
    type = fields.String(metadata={"example": "card"})
    brand = fields.String(allow_none=True, metadata={"example": "visa"})
    last4 = fields.String(allow_none=True, metadata={"example": "4242"})
    exp_month = fields.Integer(allow_none=True, metadata={"example": 12})
    exp_year = fields.Integer(allow_none=True, metadata={"example": 2034})
    expired = fields.Boolean()
    is_default = fields.Boolean()


class SavedMethodsSchema(StrictSchema):
    """The caller's saved payment methods, all of them: the default first, then the newest."""

    items = fields.List(fields.Nested(SavedMethodSchema))
    next_cursor = fields.String(allow_none=True)


class MethodChoiceSchema(StrictSchema):
    """Whether this is the one to pay with, unless another is named."""

    is_default = fields.Boolean(required=True)
