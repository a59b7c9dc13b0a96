"""Payments for those who pay them, and the buyer's way out of an order."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from flask import Response, current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.auth import buyer, requires, requires_buyer
from app.orders import queries as order_queries
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.errors import (
    AmountTooLarge,
    AmountTooSmall,
    CounterBusy,
    GatewayRefused,
    GatewayUnavailable,
    ReviewAmbiguous,
)
from app.payments.events import ConfirmRequested
from app.payments.gateway.choosing import for_counter
from app.payments.gateway.protocol import ProviderPayment
from app.payments.services import wallets
from app.payments.services.opening import terms_from
from app.payments.services.parameters import Way
from app.payments.states import CANCELLED, CREATING, LIVE
from app.platform import idempotency
from app.platform.db import transaction
from app.platform.errors import Invalid, NotFound, Unavailable
from app.platform.idempotency import idempotent
from app.platform.openapi.headers import LATER
from app.platform.openapi.notation import problems, takes_key
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import ORDER
from app.platform.settings import settings
from app.platform.web import answer, leads_to, point_to
from app.settlement import services, workflows
from app.settlement.errors import NotResolvable, OrderNotPayable
from app.settlement.schemas import CancelSchema, NewPaymentSchema, ReviewVerdictSchema
from app.settlement.services import Attempt
from app.settlement.workflows import Decision

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Payment

blueprint = Blueprint(
    "Payments",
    __name__,
    url_prefix="/v1",
    description="How an order is paid, at once or in another attempt.",
)


@blueprint.route("/payments/<uuid:payment_id>", methods=["GET"])
@requires_buyer()
@blueprint.response(200, "Payment")
def get_payment(payment_id: UUID) -> Response:
    """A payment of the caller's; after a checkout that answered 202, `client_secret` appears here."""
    with transaction() as session:
        return answer("PaymentSchema", _readable(session, payment_id))


@blueprint.route("/payments/<uuid:payment_id>/confirm", methods=["POST"])
@requires_buyer()
@limited_as(ORDER)
@leads_to("/v1/payments/{payment_id}")
@takes_key(required=False)
@blueprint.response(202, "Payment", headers=LATER)
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
        idempotency.mark_replayed(response)
    return response


@blueprint.route("/orders/<id_or_number>/cancel", methods=["POST"], tags=["Orders"])
@requires_buyer()
@leads_to("/v1/orders/{id}")
@idempotent
@blueprint.arguments(CancelSchema, required=False)
@blueprint.response(200, "Order")
@blueprint.alt_response(202, schema="Order", description="The payment is being closed first", headers=LATER)
@problems(IllegalTransition)
def cancel_order(body: dict[str, Any], id_or_number: str, *, session: Session) -> Response:
    """Give up an order: 200 when that is final, 202 while the payment provider decides.

    What was paid goes back, and what was sold is on the shelf again. Buyers can until it is packed,
    operators until it is shipped. Repeating is safe. 409 when it is too late, or while the payment is being
    checked or disputed.
    """
    who = buyer()
    if "restock" in body and not who.is_operator:
        raise Invalid("Leave restock out.", errors={"restock": ["Only operators decide that."]})
    order = orders.lock(session, order_queries.readable(session, id_or_number, by=who).id)
    others = who.is_operator and order.user_id != who.user_id
    services.cancel(
        session,
        order,
        reason="admin" if others else "buyer",
        as_operator=who.is_operator,
        restock=body.get("restock", True),
    )
    return answer("OrderSchema", order, 202 if order.status == PENDING else 200)


@blueprint.route("/orders/<id_or_number>/payments", methods=["POST"])
@requires_buyer()
@limited_as(ORDER)
@takes_key(required=True)
@blueprint.arguments(NewPaymentSchema)
@blueprint.response(201, "Payment")
@blueprint.alt_response(202, schema="Payment", description="The payment is not open yet", headers=LATER)
@problems(OrderNotPayable, AmountTooSmall, AmountTooLarge)
def attempt_payment(body: dict[str, Any], id_or_number: str) -> Response:
    """Pay a pending order in another way, or anew: the payment that is open is closed first.

    202 has a `Location` where the new payment can be paid soon. Needs an `Idempotency-Key`: the same key
    again answers with the same payment in its present state. 409 when the order takes no payment any more.
    """
    wanted = idempotency.required()
    with transaction() as session:
        kept = idempotency.replay(session, wanted)
        if kept is None:
            way = _way(session, body)
            found = order_queries.readable(session, id_or_number, by=buyer())
            order = orders.lock(session, found.id)
            attempt = services.begin(session, order, way=way, terms=terms_from(settings()))
            idempotency.keep(session, wanted, 201, {"payment_id": attempt.payment_id})
    if kept is None:
        _attempt_now(attempt)
    payment_id = UUID(orjson.loads(kept.body)["payment_id"]) if kept else attempt.payment_id
    return _present(payment_id, replayed=kept is not None)


@blueprint.route("/admin/payments/<uuid:payment_id>/resolve", methods=["POST"])
@requires("admin", permission="refunds")
@takes_key(required=False)
@blueprint.arguments(ReviewVerdictSchema)
@blueprint.response(200, "Payment")
@problems(NotResolvable, ReviewAmbiguous)
def resolve_payment(body: dict[str, Any], payment_id: UUID) -> Response:
    """Decide about a payment in review, after the provider was asked once more.

    `accept` takes what was received as the order's payment, and gives back what is beyond its total. `refund`
    closes the object, owes back what it took, and cancels the pending order if it took anything. The same
    decision again answers the same; another, or one that makes no sense, 409; 503 while Stripe is silent.
    """
    wanted = idempotency.requested()
    with transaction() as session:
        if wanted and (kept := idempotency.replay(session, wanted)):
            return idempotency.replayed(kept)
        decision = workflows.prepare(session, payment_id, **body)
    seen = _asked(decision)
    with transaction() as session:
        if wanted and (kept := idempotency.replay(session, wanted)):
            return idempotency.replayed(kept)
        response = answer("PaymentSchema", workflows.carry_out(session, decision, seen))
        if wanted:
            idempotency.keep(session, wanted, 200, response.get_data())
        return response


def _asked(decision: Decision) -> ProviderPayment | None:
    """What the provider says about the object. Raises Unavailable and NotResolvable."""
    parts = current_app.extensions
    try:
        return workflows.ask(decision, for_counter(parts["payment_gateway"], parts["inline_calls"]))
    except (GatewayUnavailable, CounterBusy) as error:
        raise Unavailable("Stripe does not answer: decide again in a moment.") from error
    except GatewayRefused as error:
        raise NotResolvable(f"Stripe refused: {error.code}.") from error


def _way(session: Session, body: dict[str, Any]) -> Way:
    method_id, flow = body["payment_method_id"], body["payment_flow"]
    saved = wallets.way_for(session, buyer(), method_id, flow=flow) if method_id else None
    return Way(flow, body["success_url"], body["cancel_url"], saved)


def _attempt_now(attempt: Attempt) -> None:
    known, parts = settings(), current_app.extensions
    workflows.attempt_now(
        attempt,
        gateway=for_counter(parts["payment_gateway"], parts["inline_calls"]),
        terms=terms_from(known),
        holds=services.holds_from(known),
        backoff=known.backoff_base,
    )


def _present(payment_id: UUID, *, replayed: bool) -> Response:
    """A new payment as it is now. Raises OrderNotPayable when it was given up before it was opened."""
    with transaction() as session:
        payment = payment_queries.get(session, payment_id)
        if payment.status == CANCELLED and payment.object_id is None:
            raise _refusal(session, payment)
        ready = payment.status != CREATING
        response = answer("PaymentSchema", payment, 201 if ready else 202)
    if not ready:
        point_to(response, f"/v1/payments/{payment_id}")
    if replayed:
        idempotency.mark_replayed(response)
    return response


def _refusal(session: Session, payment: "Payment") -> Exception:
    order = order_queries.get(session, payment.order_id)
    return services.not_payable(session, order, terms_from(settings()), payment.flow)


def _readable(session: Session, payment_id: UUID) -> "Payment":
    try:
        payment = payment_queries.get(session, payment_id)
        order_queries.readable(session, str(payment.order_id), by=buyer())
    except NotFound:  # in the same words, whether it is absent or somebody else's
        raise NotFound("There is no such payment.") from None
    return payment
