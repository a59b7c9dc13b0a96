from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import func, select

from app.events.models import DeliveryRecord
from app.notifications.models import Message
from app.platform.db import transaction
from sandbox.mail.faults import Faults
from sandbox.mail.inbox import Inbox, body, parse
from tasks import notifications
from tasks.base import run_delivery


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server for tests: what it caught, and what it does wrong when told to."""

    inbox: Inbox
    faults: Faults

    def caught(self) -> list[bytes]:
        """What was caught, byte by byte, oldest first."""
        contents = [self.inbox.read(each.file) for each in reversed(self.inbox.newest(100))]
        return [content for content in contents if content is not None]

    def mails(self) -> list[EmailMessage]:
        """What was caught, oldest first."""
        return [parse(content) for content in self.caught()]

    def only_mail(self) -> EmailMessage:
        """The one mail that was caught."""
        (mail,) = self.mails()
        return mail


def text_of(mail: EmailMessage) -> str:
    """The plain text."""
    return body(mail, "plain") or ""


def html_of(mail: EmailMessage) -> str:
    """The HTML text."""
    return body(mail, "html") or ""


def deliver(kind: str) -> DeliveryRecord:
    """Make the one delivery for `notifications.<kind>` due, do it as a worker would, and show it then."""
    consumer = f"notifications.{kind}"
    newest = select(DeliveryRecord).where(DeliveryRecord.consumer == consumer)
    with transaction() as session:
        delivery = session.scalars(newest).one()
        delivery.run_after = func.now()
    task = getattr(notifications, kind)
    run_delivery(consumer, delivery.id, lambda held: task(held, held.delivery), notifications.TIME_LIMIT)
    with transaction() as session:
        return session.scalars(newest).one()


def only_message() -> Message:
    """The one row of the ledger."""
    with transaction() as session:
        return session.scalars(select(Message)).one()
