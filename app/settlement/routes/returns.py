"""Taking goods back that were sent, and paying for them."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment import queries as fulfillment
from app.fulfillment.services import Arrived
from app.identity.auth import owner, requires
from app.orders.errors import IllegalTransition
from app.platform.errors import NotPermitted
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.web import answer
from app.settlement import services
from app.settlement.errors import RefundNotPossible, RefundTooLarge, UnitsNotSold
from app.settlement.schemas import ReceiptSchema
from app.settlement.services import Receipt

blueprint = Blueprint(
    "Received",
    __name__,
    url_prefix="/v1/returns",
    description="Goods that came back: to the shelf or not, and their money to the buyer.",
)


@blueprint.route("/<uuid:return_id>/receive", methods=["POST"])
@requires("admin", "seller", permission="orders")
@idempotent
@blueprint.arguments(ReceiptSchema)
@blueprint.response(200, "Return")
@problems(IllegalTransition, RefundNotPossible, RefundTooLarge, UnitsNotSold)
def receive_return(body: dict[str, Any], return_id: UUID, *, session: Session) -> Response:
    """Take units of an approved return in; what was paid for them is owed to the buyer at once.

    Shipping goes back only if `shipping` says so, once for an order. What did not come can be asked for anew.
    409 where the money cannot go back, because it has otherwise: an operator says `"refund": false` then.
    Repeating is safe.
    """
    receipt = Receipt(
        [Arrived(**line) for line in body["lines"]], refund=body["refund"], shipping=body["shipping"]
    )
    if owner() is not None and (receipt.shipping or not receipt.refund):
        raise NotPermitted("Only the shop decides about shipping, and about goods without their money.")
    services.take_back(session, return_id, seller_id=owner(), receipt=receipt)
    return answer("ReturnSchema", fulfillment.return_case(session, return_id, seller_id=owner()))
