"""Telling buyers what happens to their orders."""

from functools import cache
from uuid import UUID

from app.events.claims import Claim, Delivery
from app.notifications import workflows
from app.notifications.gateway import Mailer, SmtpMailer
from app.notifications.services.letters import Letterhead
from app.platform.settings import settings
from tasks.base import workflow

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


@workflow("notifications.resend", time_limit=TIME_LIMIT)
def resend(claim: Claim, delivery: Delivery) -> None:
    """Send a message once more because an operator said so."""
    _send(claim, delivery, delivery.payload["kind"])


def _send(claim: Claim, delivery: Delivery, kind: str) -> None:
    known, refund_id = settings(), delivery.payload.get("refund_id")
    workflows.send_order_mail(
        claim,
        order_id=UUID(delivery.payload["order_id"]),
        kind=kind,
        refund_id=UUID(refund_id) if refund_id else None,
        mailer=mailer(),
        letterhead=Letterhead(known.mail_from, known.public_url, known.jwt_secret_key),
    )


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
