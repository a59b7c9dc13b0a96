"""Checkout on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.payments.gateway.protocol import FLOWS
from app.platform.schemas import AddressSchema, MoneySchema, StrictSchema, Text, WebAddress

EXAMPLE = {"name": "Ada Lovelace", "line1": "12 Green Street", "city": "Portland", "country": "US"}


class CheckoutRequestSchema(StrictSchema):
    """Where to send the cart, how, and how it will be paid.

    An id is of an entry in the user's own address book. Without a billing address the other one serves.
    """

    either = ("shipping_address", "address_id")

    shipping_address = fields.Nested(AddressSchema, metadata={"example": EXAMPLE})
    address_id = fields.UUID()
    billing_address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    billing_address_id = fields.UUID(load_default=None, allow_none=True)
    shipping_method = Text(most=40, required=True, metadata={"example": "standard"})
    payment_flow = fields.String(
        required=True, validate=validate.OneOf(FLOWS), metadata={"example": "payment_intent"}
    )
    payment_method_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "A saved payment method of the user's, which is charged at once"},
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
    delivery_date = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"example": None, "description": "A working day on which the goods can be there"},
    )
    gift_message = Text(most=500, load_default=None, allow_none=True)

    @validates_schema
    def check_billing(self, data: dict[str, Any], **_: Any) -> None:
        """Two billing addresses would leave open which is meant."""
        if data.get("billing_address") and data.get("billing_address_id"):
            raise ValidationError("Give one of billing_address and billing_address_id.", "billing_address")


class CheckoutSchema(StrictSchema):
    """The order that now exists, and its payment."""

    order = fields.Nested("OrderSchema")
    payment = fields.Nested("PaymentSchema")
