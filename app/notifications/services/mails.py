"""How a mail is made: facts in a template, as HTML and as plain text, under the shop's letterhead."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.notifications.errors import MailRefused
from app.notifications.models import Message
from app.platform.db import Json

# Encoded so that every mail server can take it, whatever extensions it lacks.
SEVEN_BIT = policy.SMTP.clone(cte_type="7bit")

_templates = Environment(
    loader=PackageLoader("app.notifications"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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

    @property
    def domain(self) -> str:
        """Where the sender's mail is at home: the right side of a Message-ID."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


def mail(message: Message, subject: str, facts: Json, letterhead: Letterhead) -> EmailMessage:
    """The mail that a message stands for; composed again it is the same mail, by Message-ID and Date.

    Raises MailRefused for an address that no mail reaches.
    """
    told = facts | {"subject": subject}
    made = EmailMessage(policy=SEVEN_BIT)
    made["From"] = letterhead.sender
    made["To"] = _reachable(message.recipient)
    made["Subject"] = subject
    made["Date"] = message.created_at
    made["Message-ID"] = message.message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_templates.get_template(f"{message.kind}.txt").render(told))
    made.add_alternative(_templates.get_template(f"{message.kind}.html").render(told), subtype="html")
    return made


def one_line(text: str) -> str:
    """Without line breaks: a name cannot write lines of its own into the plain text."""
    return " ".join(text.split())


def _reachable(email: str) -> str:
    """The address in ASCII; checked here once more, because it becomes a header and a command."""
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise MailRefused("the address is malformed") from error
    if address.ascii_email is None:
        raise MailRefused("the address needs a mail server that takes SMTPUTF8")
    return address.ascii_email
