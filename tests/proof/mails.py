"""Mails that did not come, each in a way of its own."""

from app.events.services import publish
from app.identity.events import PasswordChanged
from app.notifications.services import ledger
from app.notifications.services.envelopes import Envelope
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.database import change, rows
from tests.factories import make_user
from tests.proof.others import Others

_DONE = "UPDATE deliveries SET state = 'done', done_at = now(), lease_until = NULL"


def never_made(others: Others, kind: str = "order_paid") -> None:
    """The work of a mail is done, and there is none."""
    lost = [row[0] for row in rows("SELECT message_id FROM messages WHERE kind = :kind", kind=kind)]
    change("DELETE FROM messages WHERE kind = :kind", kind=kind)
    others.inbox = [each for each in others.inbox if each.message_id not in lost]


def given_up(_others: Others) -> None:
    """The mail server refuses a mail about an account, and nobody looks after that."""
    with transaction() as session:
        user_id, change_id = make_user(session).id, new_id()
        publish(session, PasswordChanged(change_id=change_id, user_id=user_id))
        envelope = Envelope(
            kind="password_changed",
            recipient="ada@example.com",
            locale="en",
            user_id=user_id,
            about=change_id,
        )
        message = ledger.begin(session, envelope, domain="shop.example")
        assert message is not None
        ledger.record_refused(session, message.id, error="550")
        change(_DONE, session)
