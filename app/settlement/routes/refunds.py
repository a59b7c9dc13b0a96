"""Refunds, and what banks ask back, for those who answer for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.fulfillment.errors import UnitsPacked
from app.identity.auth import requires
from app.orders import queries as order_queries
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.services.refunds import Units
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.money import Money
from app.platform.openapi.notation import problems, takes_key
from app.platform.pagination import Page, read_cursor
from app.platform.party import Party
from app.settlement import services
from app.settlement.errors import RefundNotPossible, RefundTooLarge, UnitsNotSold
from app.settlement.schemas import (
    DisputesSchema,
    NewRefundSchema,
    RefundSchema,
    RefundsOfOrderSchema,
    RefundsQuery,
    RefundsSchema,
)
from app.settlement.services import RefundWish

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Dispute, Refund

blueprint = Blueprint(
    "Refunds", __name__, url_prefix="/v1/admin", description="Money that goes back, and what became of it."
)


@blueprint.route("/orders/<id_or_number>/refunds", methods=["POST"])
@requires("admin", permission="refunds")
@idempotent
@takes_key(required=True)
@blueprint.arguments(NewRefundSchema)
@blueprint.response(201, RefundSchema)
@problems(RefundNotPossible, RefundTooLarge, UnitsNotSold, UnitsPacked)
def create_refund(body: dict[str, Any], id_or_number: str, *, session: Session) -> "Refund":
    """Give money of an order back: an amount, what was paid for units, or without both all that is left.

    A worker sends it; `status` tells how far it is. Units with `restock` are on the shelf at once; those that
    were not sent yet never are. What was paid for units includes their tax, and no shipping. 409 for units
    that lie in a packed parcel: have it unpacked first. Needs an `Idempotency-Key`.
    """
    order = orders.lock(session, _order(session, id_or_number).id)
    wish = RefundWish(
        amount=Money(**body["amount"]) if body["amount"] else None,
        reason=body["reason"],
        note=body["note"],
        units=[Units(**line) for line in body["lines"]],
    )
    return services.give_back(session, order, wish)


@blueprint.route("/orders/<id_or_number>/refunds", methods=["GET"])
@requires("admin", permission="refunds")
@blueprint.response(200, RefundsOfOrderSchema)
def list_refunds_of_order(id_or_number: str) -> dict[str, Sequence["Refund"]]:
    """All refunds of an order, oldest first, those made in Stripe's dashboard included."""
    with transaction() as session:
        order = _order(session, id_or_number)
        return {"items": payment_queries.refunds_of_order(session, order.id)}


@blueprint.route("/orders/<id_or_number>/disputes", methods=["GET"], tags=["Payments"])
@requires("admin", permission="orders")
@blueprint.response(200, DisputesSchema)
def list_disputes(id_or_number: str) -> "dict[str, Sequence[Dispute]]":
    """What banks ask back of an order, oldest first."""
    with transaction() as session:
        order = _order(session, id_or_number)
        return {"items": payment_queries.disputes_of_order(session, order.id)}


@blueprint.route("/refunds", methods=["GET"])
@requires("admin", permission="refunds")
@blueprint.arguments(RefundsQuery, location="query")
@blueprint.response(200, RefundsSchema)
def list_refunds(query: dict[str, Any]) -> "Page[Refund]":
    """Refunds, newest first; `status=failed` are those that somebody has to look after."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return payment_queries.refunds(session, status=query["status"], before=before, limit=query["limit"])


@blueprint.route("/refunds/<uuid:refund_id>/retry", methods=["POST"])
@requires("admin", permission="refunds")
@idempotent
@blueprint.response(201, RefundSchema)
@problems(RefundNotPossible, RefundTooLarge, UnitsNotSold, UnitsPacked)
def retry_refund(refund_id: UUID, *, session: Session) -> "Refund":
    """Give back anew what has failed. It can be retried once: again answers with the same new refund."""
    return services.give_back_again(session, refund_id)


def _order(session: Session, id_or_number: str) -> "Order":
    return order_queries.readable(session, id_or_number, by=Party(is_operator=True))
