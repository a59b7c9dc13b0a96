"""New payments on the wire."""

from marshmallow import fields, validate

from app.payments.gateway.protocol import FLOWS
from app.platform.schemas import StrictSchema, WebAddress


class NewPaymentSchema(StrictSchema):
    """How the order is to be paid now; the addresses are where a hosted page sends the buyer."""

    payment_flow = fields.String(
        required=True, validate=validate.OneOf(FLOWS), metadata={"example": "checkout_session"}
    )
    success_url = WebAddress(load_default=None, allow_none=True)
    cancel_url = WebAddress(load_default=None, allow_none=True)
