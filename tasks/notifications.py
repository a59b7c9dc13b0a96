"""Telling people what happens to their orders and accounts."""

from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim, Delivery
from app.notifications import workflows
from app.notifications.gateway.mails import Mailer, SmtpMailer
from app.notifications.gateway.texts import Texter, texter_from
from app.notifications.services import erasing, notices
from app.notifications.services.mails import Letterhead
from app.notifications.states import TEXT_KINDS
from app.platform.settings import settings
from tasks.base import consumer, workflow

TIME_LIMIT = 700
"""Seconds: a mail server may take 600 to answer for a mail."""


@workflow("notifications.order_received", time_limit=TIME_LIMIT)
def order_received(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the order is here."""
    _send(claim, delivery, "order_received")


@workflow("notifications.order_paid", time_limit=TIME_LIMIT)
def order_paid(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the money is here."""
    _send(claim, delivery, "order_paid")


@workflow("notifications.order_cancelled", time_limit=TIME_LIMIT)
def order_cancelled(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the order is over, and why."""
    _send(claim, delivery, "order_cancelled")


@workflow("notifications.paid_order_cancelled", time_limit=TIME_LIMIT)
def paid_order_cancelled(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the order is over, and that the money goes back."""
    _send(claim, delivery, "paid_order_cancelled")


@workflow("notifications.order_unavailable", time_limit=TIME_LIMIT)
def order_unavailable(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the money came too late and goes back."""
    _send(claim, delivery, "order_unavailable")


@workflow("notifications.order_refunded", time_limit=TIME_LIMIT)
def order_refunded(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that money went back, how much and why."""
    _send(claim, delivery, "order_refunded")


@workflow("notifications.order_ready", time_limit=TIME_LIMIT)
def order_ready(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that a parcel waits in the store, and when this is open."""
    _send(claim, delivery, "order_ready")


@workflow("notifications.order_shipped", time_limit=TIME_LIMIT)
def order_shipped(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that a parcel is on its way, and where it can be followed."""
    _send(claim, delivery, "order_shipped")


@workflow("notifications.order_shipped_text", time_limit=TIME_LIMIT)
def order_shipped_text(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer by text message that a parcel is on its way, if they agreed to that."""
    _send(claim, delivery, "order_shipped_text")


@workflow("notifications.order_ready_text", time_limit=TIME_LIMIT)
def order_ready_text(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer by text message that a parcel can be picked up, if they agreed to that."""
    _send(claim, delivery, "order_ready_text")


@workflow("notifications.order_delivered", time_limit=TIME_LIMIT)
def order_delivered(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that all of the order has come."""
    _send(claim, delivery, "order_delivered")


@workflow("notifications.return_requested", time_limit=TIME_LIMIT)
def return_requested(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that the wish to send something back is here."""
    _send(claim, delivery, "return_requested")


@workflow("notifications.return_approved", time_limit=TIME_LIMIT)
def return_approved(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that it may be sent back, and what there is to know."""
    _send(claim, delivery, "return_approved")


@workflow("notifications.return_rejected", time_limit=TIME_LIMIT)
def return_rejected(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer that it is not taken back, and why."""
    _send(claim, delivery, "return_rejected")


@workflow("notifications.return_received", time_limit=TIME_LIMIT)
def return_received(claim: Claim, delivery: Delivery) -> None:
    """Tell the buyer what came back, and what goes back for it."""
    _send(claim, delivery, "return_received")


@workflow("notifications.password_reset", time_limit=TIME_LIMIT)
def password_reset(claim: Claim, delivery: Delivery) -> None:
    """Send the owner of an address the link to a new password."""
    _send(claim, delivery, "password_reset")


@workflow("notifications.password_changed", time_limit=TIME_LIMIT)
def password_changed(claim: Claim, delivery: Delivery) -> None:
    """Tell a user that the password is another one."""
    _send(claim, delivery, "password_changed")


@workflow("notifications.email_verification", time_limit=TIME_LIMIT)
def email_verification(claim: Claim, delivery: Delivery) -> None:
    """Send a user the link that proves the account's address."""
    _send(claim, delivery, "email_verification")


@workflow("notifications.email_change", time_limit=TIME_LIMIT)
def email_change(claim: Claim, delivery: Delivery) -> None:
    """Send a user, at the new address, the link that makes it the account's."""
    _send(claim, delivery, "email_change")


@workflow("notifications.email_change_asked", time_limit=TIME_LIMIT)
def email_change_asked(claim: Claim, delivery: Delivery) -> None:
    """Tell a user, at the present address, that somebody wants another one for the account."""
    _send(claim, delivery, "email_change_asked")


@workflow("notifications.email_changed", time_limit=TIME_LIMIT)
def email_changed(claim: Claim, delivery: Delivery) -> None:
    """Tell a user, at the old address, that the account has another one."""
    _send(claim, delivery, "email_changed")


@workflow("notifications.login_ended", time_limit=TIME_LIMIT)
def login_ended(claim: Claim, delivery: Delivery) -> None:
    """Tell a user that a login was ended because its token had been copied."""
    _send(claim, delivery, "login_ended")


@workflow("notifications.export_ready", time_limit=TIME_LIMIT)
def export_ready(claim: Claim, delivery: Delivery) -> None:
    """Tell a user that the data they asked for is ready."""
    _send(claim, delivery, "export_ready")


@workflow("notifications.seller_approved", time_limit=TIME_LIMIT)
def seller_approved(claim: Claim, delivery: Delivery) -> None:
    """Tell a user that they may sell."""
    _send(claim, delivery, "seller_approved")


@workflow("notifications.seller_rejected", time_limit=TIME_LIMIT)
def seller_rejected(claim: Claim, delivery: Delivery) -> None:
    """Tell a user that they may not sell, and why."""
    _send(claim, delivery, "seller_rejected")


@workflow("notifications.low_stock", time_limit=TIME_LIMIT)
def low_stock(claim: Claim, delivery: Delivery) -> None:
    """Tell a seller, or an admin, that a variant is low on stock."""
    _send(claim, delivery, "low_stock")


@workflow("notifications.back_in_stock", time_limit=TIME_LIMIT)
def back_in_stock(claim: Claim, delivery: Delivery) -> None:
    """Tell somebody who waited that a variant is back."""
    _send(claim, delivery, "back_in_stock")


@workflow("notifications.cart_reminder", time_limit=TIME_LIMIT)
def cart_reminder(claim: Claim, delivery: Delivery) -> None:
    """Remind somebody who wants that of what they left in their cart."""
    _send(claim, delivery, "cart_reminder")


@workflow("notifications.webhook_disabled", time_limit=TIME_LIMIT)
def webhook_disabled(claim: Claim, delivery: Delivery) -> None:
    """Tell whoever made an endpoint that nothing is sent there any more, and why."""
    _send(claim, delivery, "webhook_disabled")


@workflow("notifications.service_alert", time_limit=TIME_LIMIT)
def service_alert(claim: Claim, delivery: Delivery) -> None:
    """Tell an admin what another service has reported."""
    _send(claim, delivery, "service_alert")


@consumer("notifications.announce_low_stock")
def announce_low_stock(session: Session, delivery: Delivery) -> None:
    """Owe a mail to everybody who keeps the stock of a variant."""
    notices.announce_low_stock(session, UUID(delivery.payload["variant_id"]), crossing_id=delivery.event_id)


@consumer("notifications.tell_waiting")
def tell_waiting(session: Session, delivery: Delivery) -> None:
    """Owe a mail to those who wait for a variant, a step at a time."""
    notices.tell_waiting(session, UUID(delivery.payload["variant_id"]))


@workflow("notifications.resend", time_limit=TIME_LIMIT)
def resend(claim: Claim, delivery: Delivery) -> None:
    """Send a message once more because an operator said so."""
    _send(claim, delivery, delivery.payload["kind"])


@consumer("notifications.forget_user")
def forget_user(session: Session, delivery: Delivery) -> None:
    """Forget to where the mails about a deleted account went."""
    proved_at = delivery.payload.get("proved_at")
    erasing.forget_user(
        session,
        UUID(delivery.payload["user_id"]),
        proved_at=datetime.fromisoformat(proved_at) if proved_at else None,
    )


@consumer("notifications.forget_order")
def forget_order(session: Session, delivery: Delivery) -> None:
    """Forget to where the mails about an order went whose buyer is forgotten."""
    erasing.forget_order(session, UUID(delivery.payload["order_id"]))


def _send(claim: Claim, delivery: Delivery, kind: str) -> None:
    payload = delivery.payload
    if kind in TEXT_KINDS:
        workflows.send_text(
            claim,
            order_id=UUID(payload["order_id"]),
            parcel_id=UUID(payload["parcel_id"]),
            kind=kind,
            texter=texter(),
            letterhead=Letterhead.from_settings(settings()),
        )
    elif payload.get("order_id"):
        workflows.send_order_mail(
            claim,
            order_id=UUID(payload["order_id"]),
            kind=kind,
            refund_id=_id(payload.get("refund_id")),
            parcel_id=_id(payload.get("parcel_id")),
            return_id=_id(payload.get("return_id")),
            mailer=mailer(),
            letterhead=Letterhead.from_settings(settings()),
        )
    else:
        workflows.send_account_mail(
            claim,
            kind=kind,
            about=UUID(delivery.subject),
            user_id=_id(payload.get("user_id")),
            mailer=mailer(),
            letterhead=Letterhead.from_settings(settings()),
        )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


@cache
def mailer() -> Mailer:
    """The mail server; one per process."""
    known = settings().smtp
    return SmtpMailer(
        host=known.host,
        port=known.port,
        user=known.user,
        password=known.password,
        starttls=known.starttls,
        timeout=known.timeout,
        ca_file=settings().transport.tls_ca_file,
    )


@cache
def texter() -> Texter | None:
    """Who carries text messages; one per process."""
    return texter_from(settings().sms)
