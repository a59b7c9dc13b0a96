"""Payments for those who pay them, and the buyer's way out of an order."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.auth import buyer, requires_buyer
from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.events import ConfirmRequested
from app.payments.states import LIVE
from app.platform import idempotency
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems, takes_key
from app.platform.web import answer
from app.settlement import services

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Payment

blueprint = Blueprint("settlement", __name__, url_prefix="/v1", description="Payments and cancellation")


@blueprint.route("/payments/<uuid:payment_id>", methods=["GET"])
@requires_buyer()
@blueprint.response(200, "Payment")
def get_payment(payment_id: UUID) -> Response:
    """A payment of the caller's; after a checkout that answered 202, `client_secret` appears here."""
    with transaction() as session:
        return answer("PaymentSchema", _readable(session, payment_id))


@blueprint.route("/payments/<uuid:payment_id>/confirm", methods=["POST"])
@requires_buyer()
@takes_key(required=False)
@blueprint.response(202, "Payment")
def confirm_payment(payment_id: UUID) -> Response:
    """Say that the payment was made: a worker asks the provider. A shortcut only; its event is enough."""
    wanted = idempotency.requested()
    with transaction() as session:
        payment = _readable(session, payment_id)
        kept = idempotency.replay(session, wanted) if wanted else None
        if kept is None and payment.status in LIVE:
            publish(session, ConfirmRequested(order_id=payment.order_id, payment_id=payment.id))
        if kept is None and wanted:
            idempotency.keep(session, wanted, 202, {"payment_id": payment_id})  # the answer has a secret
        response = answer("PaymentSchema", payment, 202)
    if kept:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@blueprint.route("/orders/<id_or_number>/cancel", methods=["POST"])
@requires_buyer()
@idempotent
@blueprint.response(200, "Order")
@blueprint.alt_response(202, schema="Order", description="The payment is being closed first")
@problems(IllegalTransition)
def cancel_order(id_or_number: str, *, session: Session) -> Response:
    """Give up an unpaid order: 200 when that is final, 202 while the payment provider decides.

    Repeating is safe. An order that was paid meanwhile answers 409.
    """
    who = buyer()
    order = orders.lock(session, order_queries.readable(session, id_or_number, by=who).id)
    others = who.is_operator and order.user_id != who.user_id
    services.cancel(session, order, reason="admin" if others else "buyer")
    return answer("OrderSchema", order, 202 if order.status == PENDING else 200)


def _readable(session: Session, payment_id: UUID) -> "Payment":
    try:
        payment = payment_queries.get(session, payment_id)
        order_queries.readable(session, str(payment.order_id), by=buyer())
    except NotFound:  # in the same words, whether it is absent or somebody else's
        raise NotFound("There is no such payment.") from None
    return payment
