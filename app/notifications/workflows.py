"""Sending a mail: the intent is committed, then the mail server spoken to, then its answer committed."""

import time
from collections.abc import Callable
from email.utils import parseaddr
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.notifications.errors import MailDeferred, MailRefused
from app.notifications.gateway import Mailer
from app.notifications.services import ledger, letters
from app.notifications.services.letters import Letterhead
from app.orders import queries as orders
from app.payments import queries as payments
from app.platform.db import transaction
from app.platform.errors import Permanent

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.notifications.models import Message
    from app.orders.models import Order
    from app.payments.models import Refund

NOTE_PATIENCE_SECONDS, NOTE_PAUSE_SECONDS = 60.0, 0.2
"""How long a note that a mail was taken is tried again while the database is away, and how often."""

Record = Callable[..., None]


def send_order_mail(
    claim: Claim,
    *,
    order_id: UUID,
    kind: str,
    mailer: Mailer,
    letterhead: Letterhead,
    refund_id: UUID | None = None,
) -> None:
    """Send an order's mail of this kind, once; one about a refund, once for each.

    An attempt of unknown outcome is repeated as the same mail, by Message-ID and Date: none is lost, and a
    doubled one is recognised. Raises Permanent for a mail that will never be taken, and MailDeferred when it
    is to be tried again.
    """
    with transaction() as session:
        claim.check(session)
        order = orders.get(session, order_id)
        refund = payments.refund(session, refund_id) if refund_id else None
        message = _begin(session, kind, order, refund, letterhead.sender)
        if message is None:
            claim.finish(session)
            return
    try:
        answer = mailer.send(letters.compose(message, order, letterhead, refund))
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


def _begin(
    session: Session, kind: str, order: "Order", refund: "Refund | None", sender: str
) -> "Message | None":
    refund_id = refund.id if refund else None
    if not letters.holds(kind, order, refund):
        ledger.withdraw(session, kind=kind, order_id=order.id, refund_id=refund_id)
        return None
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return ledger.begin(session, kind=kind, order=order, domain=domain, refund_id=refund_id)
