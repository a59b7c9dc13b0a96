"""Stripe's JSON, from an answer or from an event, in our words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.payments.gateway.protocol import (
    CANCELED,
    CHARGE,
    CUSTOMER,
    DISPUTE,
    METHOD,
    PROCESSING,
    REFUND,
    SETUP,
    SUCCEEDED,
    UNPAID,
    Charge,
    Decline,
    ProviderDispute,
    ProviderMethod,
    ProviderPayment,
    ProviderRefund,
    Reversal,
)

Json = Mapping[str, Any]


def read_object(content: Json) -> ProviderPayment | None:
    """A payment, from an intent or from a session that takes one; None from anything else."""
    if content.get("object") == "payment_intent":
        return read_intent(content)
    if content.get("object") == "checkout.session" and content.get("mode") == "payment":
        return read_session(content)
    return None


def read_intent(intent: Json) -> ProviderPayment:
    """A PaymentIntent."""
    metadata = intent.get("metadata") or {}
    return ProviderPayment(
        provider_id=intent["id"],
        status=intent["status"],
        amount=intent["amount"],
        amount_received=intent.get("amount_received") or 0,
        currency=intent["currency"].upper(),
        payment_id=_uuid(metadata.get("payment_id")),
        order_id=_uuid(metadata.get("order_id")),
        client_secret=intent.get("client_secret"),
        decline=_decline(intent.get("last_payment_error")),
        charge=_charge_of(intent),
    )


def read_session(session: Json) -> ProviderPayment:
    """A Checkout Session; its intent may have come along whole, as an id, or not at all."""
    metadata = session.get("metadata") or {}
    intent = session.get("payment_intent")
    whole: Json = intent if isinstance(intent, Mapping) else {}
    status, amount = _session_status(session, whole), session["amount_total"]
    return ProviderPayment(
        provider_id=whole.get("id") if whole else intent,
        session_id=session["id"],
        status=status,
        amount=whole.get("amount", amount),
        amount_received=whole.get("amount_received", amount if status == SUCCEEDED else 0),
        currency=(whole.get("currency") or session["currency"]).upper(),
        payment_id=_uuid(metadata.get("payment_id")),
        order_id=_uuid(metadata.get("order_id")),
        redirect_url=session.get("url"),
        decline=_decline(whole.get("last_payment_error")),
        charge=_charge_of(whole),
    )


def _session_status(session: Json, intent: Json) -> str:
    """The word that an intent in this position would have."""
    moved = intent.get("status")
    if session["payment_status"] == "paid" or moved == SUCCEEDED:
        return SUCCEEDED
    if session["status"] == "expired":
        return PROCESSING if moved == PROCESSING else CANCELED
    if session["status"] == "complete":
        # The bank said no, and nobody comes back to this page; else it, or a voucher's buyer, takes days.
        return CANCELED if moved in (UNPAID, CANCELED) else PROCESSING
    return UNPAID if moved in (None, CANCELED) else moved


def read_charge(charge: Json) -> Charge:
    """A Charge."""
    details = charge.get("payment_method_details") or {}
    kind = details.get("type")
    method = details.get(kind) or {}
    return Charge(
        provider_id=charge.get("payment_intent"),
        payment_id=named_payment(charge),
        kind=kind,
        brand=method.get("brand") or method.get("bank_name"),
        last4=method.get("last4"),
    )


def read_refund(refund: Json) -> ProviderRefund:
    """A Refund; its intent may have come along whole."""
    metadata = refund.get("metadata") or {}
    return ProviderRefund(
        provider_id=refund["id"],
        status=refund["status"],
        amount=refund["amount"],
        currency=refund["currency"].upper(),
        intent_id=id_of(refund.get("payment_intent")),
        refund_id=_uuid(metadata.get("refund_id")),
        order_id=_uuid(metadata.get("order_id")),
        failure_reason=refund.get("failure_reason"),
        created_at=_moment(refund["created"]),
    )


def read_reversal(content: Json) -> Reversal | None:
    """What of money that goes back an object is about; None for any other, and for an untouched charge."""
    kind = content.get("object")
    if kind not in (REFUND, DISPUTE, CHARGE) or (kind == CHARGE and not content.get("amount_refunded")):
        return None
    metadata = content.get("metadata") or {}
    is_ours = _uuid(metadata.get("order_id")) is not None
    return Reversal(kind, content["id"], id_of(content.get("payment_intent")), is_ours)


def read_dispute(dispute: Json) -> ProviderDispute:
    """A Dispute. Its movements on the account's balance say where the money is, its status does not."""
    moved = sum(movement["amount"] for movement in dispute.get("balance_transactions") or ())
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        provider_id=dispute["id"],
        status=dispute["status"],
        reason=dispute["reason"],
        amount=dispute["amount"],
        currency=dispute["currency"].upper(),
        intent_id=id_of(dispute.get("payment_intent")),
        withdrawn=moved < 0,
        evidence_due_at=_moment(due) if due else None,
        created_at=_moment(dispute["created"]),
    )


def read_method(method: Json) -> ProviderMethod:
    """A PaymentMethod."""
    details = method.get(method["type"]) or {}
    return ProviderMethod(
        provider_id=method["id"],
        kind=method["type"],
        brand=details.get("brand") or details.get("bank_name"),
        last4=details.get("last4"),
        exp_month=details.get("exp_month"),
        exp_year=details.get("exp_year"),
    )


def read_wallet(content: Json, previous: Json) -> str | None:
    """The customer whose saved methods an event is about; None for an event about anything else.

    `previous` is what changed: a method that was taken from its customer names them there only.
    """
    if content.get("object") == CUSTOMER:
        return content["id"]  # type: ignore[no-any-return]  # of a JSON object, as above
    if content.get("object") not in (METHOD, SETUP):
        return None
    return id_of(content.get("customer") or previous.get("customer"))


def id_of(thing: str | Json | None) -> str | None:
    """The id of another object, which may have come along whole."""
    return thing["id"] if isinstance(thing, Mapping) else thing


def named_payment(content: Json) -> UUID | None:
    """Our payment's id in the metadata of any object."""
    return _uuid((content.get("metadata") or {}).get("payment_id"))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _charge_of(intent: Json) -> Charge | None:
    charge = intent.get("latest_charge")  # whole when it was asked for, else its id
    return read_charge(charge) if isinstance(charge, Mapping) else None


def _decline(error: Json | None) -> Decline | None:
    if not error:
        return None
    return Decline(
        code=error.get("code") or "unknown",
        decline_code=error.get("decline_code"),
        message=error.get("message") or "The payment was declined.",
        attempt_id=error.get("charge"),
    )


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
