"""Sending a mail: the intent is committed, then the mail server spoken to, then its answer committed."""

import time
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.fulfillment import queries as parcels
from app.notifications.errors import MailDeferred, MailRefused
from app.notifications.gateway import Mailer
from app.notifications.services import account_letters, ledger, letters
from app.notifications.services.envelopes import Envelope, dedupe_key
from app.notifications.services.mails import Letterhead
from app.orders import queries as orders
from app.payments import queries as payments
from app.platform.db import transaction
from app.platform.errors import Permanent

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.notifications.models import Message

NOTE_PATIENCE_SECONDS, NOTE_PAUSE_SECONDS = 60.0, 0.2
"""How long a note that a mail was taken is tried again while the database is away, and how often."""

Record = Callable[..., None]
Prepared = tuple["Message", Callable[[], EmailMessage]]
"""A message that is being sent from now on, and how it is written."""


def send_order_mail(
    claim: Claim,
    *,
    order_id: UUID,
    kind: str,
    mailer: Mailer,
    letterhead: Letterhead,
    refund_id: UUID | None = None,
    parcel_id: UUID | None = None,
) -> None:
    """Send an order's mail of this kind, once; one about a refund or a parcel, once for each.

    An attempt of unknown outcome is repeated as the same mail, by Message-ID and Date: none is lost, and a
    doubled one is recognised. Raises Permanent for a mail that will never be taken, and MailDeferred when it
    is to be tried again.
    """

    def prepare(session: Session) -> Prepared | None:
        order = orders.get(session, order_id)
        refund = payments.refund(session, refund_id) if refund_id else None
        parcel = parcels.parcel(session, parcel_id, seller_id=None) if parcel_id else None
        envelope = Envelope(
            kind=kind,
            recipient=order.email,
            locale=order.locale,
            order_id=order.id,
            refund_id=refund_id,
            parcel_id=parcel_id,
        )
        if not letters.holds(kind, order, refund):
            ledger.withdraw(session, envelope.dedupe_key)
            return None
        message = ledger.begin(session, envelope, domain=letterhead.domain)
        write = partial(letters.compose, order=order, letterhead=letterhead, refund=refund, parcel=parcel)
        return (message, lambda: write(message)) if message else None

    _send(claim, prepare, mailer)


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
        return (message, lambda: account_letters.compose(message, news, letterhead)) if message else None

    _send(claim, prepare, mailer)


def _send(claim: Claim, prepare: Callable[[Session], Prepared | None], mailer: Mailer) -> None:
    with transaction() as session:
        claim.check(session)
        prepared = prepare(session)
        if prepared is None:
            claim.finish(session)
            return
    message, write = prepared
    try:
        answer = mailer.send(write())
    except MailDeferred as error:
        _note(claim, ledger.record_deferred, message.id, error)
        raise
    except MailRefused as error:
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
