"""New payments on the wire."""

from marshmallow import fields, validate

from app.payments.gateway.protocol import FLOWS
from app.platform.schemas import StrictSchema, WebAddress


class CancelSchema(StrictSchema):
    """What becomes of the goods of a paid order; only operators may say so."""

    may_be_absent = True

    restock = fields.Boolean(
        metadata={
            "description": "Operators only: whether sold units go back on the shelf; true when left out"
        }
    )


class NewPaymentSchema(StrictSchema):
    """How the order is to be paid now; the addresses are where a hosted page sends the buyer."""

    payment_flow = fields.String(
        required=True, validate=validate.OneOf(FLOWS), metadata={"example": "checkout_session"}
    )
    success_url = WebAddress(load_default=None, allow_none=True)
    cancel_url = WebAddress(load_default=None, allow_none=True)
