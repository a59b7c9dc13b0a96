"""Checkout on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.payments.gateway.protocol import FLOWS
from app.platform.schemas import AddressSchema, MoneySchema, StrictSchema, Text, WebAddress
from app.pricing.services import PICKUP

EXAMPLE = {"name": "Ada Lovelace", "line1": "12 Green Street", "city": "Portland", "country": "US"}


class CheckoutRequestSchema(StrictSchema):
    """Where to send the cart, or where it is picked up, how, and how it will be paid.

    An id is of an entry in the user's own address book. Without a billing address the other one serves. With
    a store the buyer comes for the goods: the method is `pickup`, and need not be said.
    """

    either = ("shipping_address", "address_id", "pickup_store_id")

    shipping_address = fields.Nested(AddressSchema, metadata={"example": EXAMPLE})
    address_id = fields.UUID()
    pickup_store_id = fields.UUID(metadata={"description": "A store with `offers_pickup`"})
    billing_address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    billing_address_id = fields.UUID(load_default=None, allow_none=True)
    shipping_method = Text(
        most=40,
        load_default=None,
        allow_none=True,
        metadata={"example": "standard", "description": "Needed unless the goods are picked up"},
    )
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
            "description": "Where to write to: guests have to say it, users must not; ASCII before the @",
        },
    )
    success_url = WebAddress(load_default=None, allow_none=True)
    cancel_url = WebAddress(load_default=None, allow_none=True)
    expected_total = fields.Nested(MoneySchema, load_default=None, allow_none=True)
    coupon = Text(
        most=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "A code; without it the coupon in the cart is used, if there is one"},
    )
    delivery_date = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"example": None, "description": "A working day on which the goods can be there"},
    )
    tax_number = Text(
        most=40,
        load_default=None,
        allow_none=True,
        metadata={
            "example": None,
            "description": "Of a business in the billing address's country: some places then ask for no tax",
        },
    )
    gift_message = Text(most=500, load_default=None, allow_none=True)

    @validates_schema
    def check_method(self, data: dict[str, Any], **_: Any) -> None:
        """Goods are either sent or picked up."""
        method, picked_up = data.get("shipping_method"), "pickup_store_id" in data
        if picked_up and method not in (None, PICKUP):
            raise ValidationError(f"Nothing is sent: leave it out, or say {PICKUP}.", "shipping_method")
        if method == PICKUP and not picked_up:
            raise ValidationError("Say in which store.", "pickup_store_id")
        if method is None and not picked_up:
            raise ValidationError("Missing data for required field.", "shipping_method")

    @validates_schema
    def check_billing(self, data: dict[str, Any], **_: Any) -> None:
        """Two billing addresses would leave open which is meant."""
        if data.get("billing_address") and data.get("billing_address_id"):
            raise ValidationError("Give one of billing_address and billing_address_id.", "billing_address")


class CheckoutSchema(StrictSchema):
    """The order that now exists, and its payment."""

    order = fields.Nested("OrderSchema")
    payment = fields.Nested(
        "PaymentSchema", allow_none=True, metadata={"description": "Null when there is nothing to pay"}
    )
