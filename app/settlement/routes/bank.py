"""The shop's bank statement, for those who answer for its money."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.payments.errors import NotByTransfer, TransferKnown
from app.payments.services import bank
from app.payments.services.bank import StatementLine
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.money import Money
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.platform.settings import settings
from app.platform.web import answer
from app.settlement import services
from app.settlement.errors import RefundNotPossible
from app.settlement.schemas import (
    AwaitedQuery,
    AwaitedSchema,
    PaidOutSchema,
    ReceivedTransferSchema,
    RefundSchema,
    RefundsSchema,
    StatementQuery,
)

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Payment, Refund

blueprint = Blueprint(
    "Bank transfers",
    __name__,
    url_prefix="/v1/admin",
    description="Money that buyers send to the shop's own account, and that goes back from there.",
)


@blueprint.route("/payments/awaited", methods=["GET"])
@requires("admin", permission="refunds")
@blueprint.arguments(AwaitedQuery, location="query")
@blueprint.response(200, AwaitedSchema)
def list_awaited(query: dict[str, Any]) -> "Page[Payment]":
    """Payments that wait for a transfer, oldest first.

    With the `reference` of a statement's line those of its order, newest first, whatever became of them:
    money may come late, or in parts.
    """
    seen = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return services.awaited(session, reference=query["reference"], seen=seen, limit=query["limit"])


@blueprint.route("/payments/<uuid:payment_id>/transfers", methods=["POST"])
@requires("admin", permission="refunds")
@idempotent
@blueprint.arguments(ReceivedTransferSchema)
@blueprint.response(200, "Payment")
@problems(NotByTransfer, TransferKnown)
def note_transfer(body: dict[str, Any], payment_id: UUID, *, session: Session) -> Response:
    """Confirm that a transfer has come for a payment: its order is paid, as by any other provider.

    `reference` is the bank's own name of the statement's line: the same one again changes nothing. Another
    amount or currency is put into review, where too little waits for the rest until somebody decides, and so
    is more for a payment that has succeeded. Money for an order that has expired has its stock once more, or
    is owed back; what comes for one that was cancelled, or paid otherwise, is owed back.
    """
    line = StatementLine(body["reference"], Money(**body["amount"]), body["booked_on"])
    holds = services.holds_from(settings())
    return answer("PaymentSchema", services.note_transfer(session, payment_id, line, holds=holds))


@blueprint.route("/refunds/to-pay-out", methods=["GET"])
@requires("admin", permission="refunds")
@blueprint.arguments(StatementQuery, location="query")
@blueprint.response(200, RefundsSchema)
def list_to_pay_out(query: dict[str, Any]) -> "Page[Refund]":
    """Refunds of transfers that nobody has confirmed as paid out, oldest first."""
    after = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return bank.to_pay_out(session, after=after, limit=query["limit"])


@blueprint.route("/refunds/<uuid:refund_id>/paid-out", methods=["POST"])
@requires("admin", permission="refunds")
@idempotent
@blueprint.arguments(PaidOutSchema)
@blueprint.response(200, RefundSchema)
@problems(NotByTransfer, TransferKnown, RefundNotPossible)
def note_paid_out(body: dict[str, Any], refund_id: UUID, *, session: Session) -> "Refund":
    """Confirm that a refund of a transfer was paid out; `reference` names the statement's line.

    The same again changes nothing. `GET /v1/admin/refunds/to-pay-out` lists what is left.
    """
    return services.note_paid_out(session, refund_id, **body)
