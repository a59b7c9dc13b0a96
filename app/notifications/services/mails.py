"""How a mail is made: facts in a template, as HTML and as plain text, under the shop's letterhead."""

from dataclasses import dataclass
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING, Self

from email_validator import EmailNotValidError, validate_email

from app.notifications.errors import Refused
from app.notifications.models import Message
from app.notifications.services.wording import said, subject_of
from app.platform.db import Json
from app.platform.locales import locale_of

if TYPE_CHECKING:  # for the hint; only the edge reads settings
    from config import Settings


class _Link(UnstructuredHeader, BaseHeader):
    """A header whose link stays as it is: mail programs follow none that is encoded, as long words are."""

    def fold(self, *, policy: policy.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _Link)

# Encoded so that every mail server can take it, whatever extensions it lacks.
SEVEN_BIT = policy.SMTP.clone(cte_type="7bit", header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every mail has of the shop.

    `sender` is the From header; `public_url` and `storefront_url` have no last slash. Of `link_secret` the
    links are made that open something without a login.
    """

    sender: str
    public_url: str
    storefront_url: str
    link_secret: str

    @classmethod
    def from_settings(cls, known: "Settings") -> Self:
        """That of this shop."""
        return cls(
            sender=known.mail_from,
            public_url=known.public_url,
            storefront_url=known.accounts.storefront_url,
            link_secret=known.jwt_secret_key,
        )

    @property
    def shop(self) -> str:
        """By which name the shop writes."""
        name, address = parseaddr(self.sender)
        return name or address

    @property
    def domain(self) -> str:
        """Where the sender's mail is at home: the right side of a Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


def mail(message: Message, facts: Json, letterhead: Letterhead) -> EmailMessage:
    """The mail that a message stands for; composed again it is the same mail, by Message-ID and Date.

    Raises Refused for an address that no mail reaches.
    """
    told = facts | {"shop": letterhead.shop, "shop_url": letterhead.storefront_url}
    made = EmailMessage(policy=SEVEN_BIT)
    made["From"] = letterhead.sender
    made["To"] = _reachable(message.recipient)
    made["Subject"] = subject_of(message.kind, told, tag=message.locale)
    made["Date"] = message.created_at
    made["Message-ID"] = message.message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(said(message.kind, "txt", told, tag=message.locale))
    made.add_alternative(said(message.kind, "html", told, tag=message.locale), subtype="html")
    made["Content-Language"] = locale_of(message.locale).language
    return made


def _reachable(email: str) -> str:
    """The address in ASCII; checked here once more, because it becomes a header and a command."""
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("the address is malformed") from error
    if address.ascii_email is None:
        raise Refused("the address needs a mail server that takes SMTPUTF8")
    return address.ascii_email
