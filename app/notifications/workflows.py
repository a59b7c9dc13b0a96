"""Sending a mail: the intent is committed, then the mail server spoken to, then its answer committed."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.fulfillment import queries as parcels
from app.notifications.errors import Deferred, Refused
from app.notifications.gateway.mails import Mailer
from app.notifications.gateway.texts import Texter
from app.notifications.services import account_letters, ledger, letters, texts
from app.notifications.services.envelopes import Envelope, dedupe_key
from app.notifications.services.mails import Letterhead
from app.orders import queries as orders
from app.payments import queries as payments
from app.platform.db import transaction
from app.platform.errors import Permanent

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.notifications.models import Message
    from app.orders.models import Order

NOTE_PATIENCE_SECONDS, NOTE_PAUSE_SECONDS = 60.0, 0.2
"""How long a note that a mail was taken is tried again while the database is away, and how often."""

Record = Callable[..., None]
Prepared = tuple["Message", Callable[[], str]]
"""A message that is being sent from now on, and how it is handed over."""


def send_order_mail(
    claim: Claim,
    *,
    order_id: UUID,
    kind: str,
    mailer: Mailer,
    letterhead: Letterhead,
    refund_id: UUID | None = None,
    parcel_id: UUID | None = None,
    return_id: UUID | None = None,
) -> None:
    """Send an order's mail of this kind, once; one about a refund, a parcel or a return, once for each.

    An attempt of unknown outcome is repeated as the same mail, by Message-ID and Date: none is lost, and a
    doubled one is recognised. Raises Permanent for a mail that will never be taken, and Deferred when it
    is to be tried again.
    """

    def prepare(session: Session) -> Prepared | None:
        order = orders.get(session, order_id)
        refund = payments.refund(session, refund_id) if refund_id else None
        parcel = parcels.parcel(session, parcel_id, seller_id=None) if parcel_id else None
        case = parcels.return_case(session, return_id, seller_id=None) if return_id else None
        parts: dict[str, Any] = {"refund_id": refund_id, "parcel_id": parcel_id, "return_id": return_id}
        envelope = Envelope(kind=kind, recipient=order.email, locale=order.locale, order_id=order.id, **parts)
        if not letters.holds(kind, order, refund, case, parcel):
            ledger.withdraw(session, envelope.dedupe_key)
            return None
        message = ledger.begin(session, envelope, domain=letterhead.domain)
        transfer = _transfer(session, kind, order)
        write = partial(letters.compose, refund=refund, parcel=parcel, case=case, transfer=transfer)
        return (message, lambda: mailer.send(write(message, order, letterhead))) if message else None

    _send(claim, prepare)


def _transfer(session: Session, kind: str, order: "Order") -> Mapping[str, object] | None:
    """How to pay an order that waits for a bank transfer, which its first mail says."""
    payment = payments.latest_of_order(session, order.id) if kind == "order_received" else None
    return payment.instructions if payment else None


def send_account_mail(
    claim: Claim, *, kind: str, about: UUID, user_id: UUID | None, mailer: Mailer, letterhead: Letterhead
) -> None:
    """Send the mail of this kind about something of an account, once, as `send_order_mail` does.

    `about` is the id of a link, a login, a change or an export. When there is nobody to write to, or nothing
    to say any more, none is sent.
    """

    def prepare(session: Session) -> Prepared | None:
        news = account_letters.news(session, kind, about=about, user_id=user_id)
        if news is None:
            ledger.withdraw(session, dedupe_key(kind, about))
            return None
        message = ledger.begin(session, news.envelope, domain=letterhead.domain)
        write = account_letters.compose
        return (message, lambda: mailer.send(write(message, news, letterhead))) if message else None

    _send(claim, prepare)


def send_text(
    claim: Claim, *, order_id: UUID, parcel_id: UUID, kind: str, texter: Texter | None, letterhead: Letterhead
) -> None:
    """Send the text message of this kind about a parcel, at most once; none without consent and number.

    Raises Permanent for one that will never be taken or may have been taken, and Deferred when it is to
    be tried again.
    """

    def prepare(session: Session) -> Prepared | None:
        order = orders.get(session, order_id)
        parcel = parcels.parcel(session, parcel_id, seller_id=None)
        envelope = texts.envelope_of(session, order, parcel, kind)
        if envelope is None or texter is None:
            ledger.withdraw(session, dedupe_key(kind, parcel_id))
            return None
        is_first = claim.delivery.attempts == 1
        message = ledger.begin(session, envelope, domain=letterhead.domain, is_first_try=is_first)
        if message is None:
            return None
        text = texts.compose(kind, order, parcel, letterhead)
        return message, lambda: texter.send(to=message.recipient, text=text)

    _send(claim, prepare)


def _send(claim: Claim, prepare: Callable[[Session], Prepared | None]) -> None:
    with transaction() as session:
        claim.check(session)
        prepared = prepare(session)
        if prepared is None:
            claim.finish(session)
            return
    message, hand_over = prepared
    try:
        answer = hand_over()
    except Deferred as error:
        _note(claim, ledger.record_deferred, message.id, error)
        raise
    except Refused as error:
        _note(claim, ledger.record_refused, message.id, error)
        raise Permanent(str(error)) from error
    _insist(lambda: _note_sent(claim, message.id, answer))


def _insist(note: Callable[[], None]) -> None:
    """Note what was done outside, again while the database is away: what is not noted is sent once more."""
    ends_at = time.monotonic() + NOTE_PATIENCE_SECONDS
    while True:
        try:
            return note()
        except (OperationalError, PoolTimeout):
            if time.monotonic() > ends_at:
                raise
            time.sleep(NOTE_PAUSE_SECONDS)


def _note_sent(claim: Claim, message_id: UUID, answer: str) -> None:
    with transaction() as session:
        claim.check(session)
        ledger.record_sent(session, message_id, answer=answer)
        claim.finish(session)


def _note(claim: Claim, record: Record, message_id: UUID, error: Exception) -> None:
    with transaction() as session:
        claim.check(session)
        record(session, message_id, error=str(error))
