"""Checkout on the wire."""

from marshmallow import fields, validate

from app.payments.gateway.protocol import FLOWS
from app.platform.schemas import AddressSchema, MoneySchema, StrictSchema, Text, WebAddress


class CheckoutRequestSchema(StrictSchema):
    """Where to send the cart, how, and how it will be paid."""

    shipping_address = fields.Nested(AddressSchema, required=True)
    billing_address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    shipping_method = Text(most=40, required=True, metadata={"example": "standard"})
    payment_flow = fields.String(
        required=True, validate=validate.OneOf(FLOWS), metadata={"example": "payment_intent"}
    )
    email = Text(
        most=254,
        load_default=None,
        allow_none=True,
        metadata={
            "example": "guest@example.com",
            "description": "Where to write to: guests have to say it, users must not",
        },
    )
    success_url = WebAddress(load_default=None, allow_none=True)
    cancel_url = WebAddress(load_default=None, allow_none=True)
    expected_total = fields.Nested(MoneySchema, load_default=None, allow_none=True)
    gift_message = Text(most=500, load_default=None, allow_none=True)


class CheckoutSchema(StrictSchema):
    """The order that now exists, and its payment."""

    order = fields.Nested("OrderSchema")
    payment = fields.Nested("PaymentSchema")
