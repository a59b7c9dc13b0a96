"""What a mail says: an order's facts in a template, as HTML and as plain text."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.notifications.errors import MailRefused
from app.notifications.models import Message
from app.orders.queries import link_token
from app.orders.states import CANCELLED
from app.payments.states import RETURNED
from app.platform.db import Json
from app.platform.money import Money

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order, OrderLine
    from app.payments.models import Refund

SUBJECTS = {
    "order_received": "We have received your order {number}",
    "order_paid": "Your order {number} is paid",
    "order_cancelled": "Your order {number} is cancelled",
    "paid_order_cancelled": "Your order {number} is cancelled, your money goes back",
    "order_unavailable": "Your payment for order {number} goes back to you",
    "order_refunded": "Money for your order {number} goes back to you",
}
ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")

# Encoded so that every mail server can take it, whatever extensions it lacks.
SEVEN_BIT = policy.SMTP.clone(cte_type="7bit")

_templates = Environment(
    loader=PackageLoader("app.notifications"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def holds(kind: str, order: "Order", refund: "Refund | None" = None) -> bool:
    """Whether what the mail says is still so: an order may end before it is told, and be revived after."""
    if refund is not None:
        return refund.status == RETURNED
    if kind in ("order_received", "order_paid"):
        return order.status != CANCELLED
    return kind not in ("order_cancelled", "paid_order_cancelled") or order.status == CANCELLED


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every mail has of the shop.

    `sender` is the From header, `public_url` has no last slash, and of `link_secret` the links are made that
    open an order without a login.
    """

    sender: str
    public_url: str
    link_secret: str


def compose(
    message: Message, order: "Order", letterhead: Letterhead, refund: "Refund | None" = None
) -> EmailMessage:
    """The mail that a message stands for; composed again it is the same mail, by Message-ID and Date.

    Raises MailRefused for an address that no mail reaches.
    """
    facts = _facts(order) | {
        "subject": SUBJECTS[message.kind].format(number=order.number),
        "order_url": _link(order, letterhead),
        "refund": refund and {"amount": refund.money, "reason": refund.reason},
    }
    mail = EmailMessage(policy=SEVEN_BIT)
    mail["From"] = letterhead.sender
    mail["To"] = _reachable(message.recipient)
    mail["Subject"] = facts["subject"]
    mail["Date"] = message.created_at
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_templates.get_template(f"{message.kind}.txt").render(facts))
    mail.add_alternative(_templates.get_template(f"{message.kind}.html").render(facts), subtype="html")
    return mail


def _reachable(email: str) -> str:
    """The address in ASCII; checked here once more, because it becomes a header and a command."""
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise MailRefused("the address is malformed") from error
    if address.ascii_email is None:
        raise MailRefused("the address needs a mail server that takes SMTPUTF8")
    return address.ascii_email


def _link(order: "Order", letterhead: Letterhead) -> str:
    token = link_token(order, secret=letterhead.link_secret)
    return f"{letterhead.public_url}/v1/orders/{order.number}?token={token}"


def _facts(order: "Order") -> Json:
    return {
        "number": order.number,
        "buyer": _one_line(order.shipping_address["name"]),
        "lines": [_line(line) for line in order.lines],
        "sums": _sums(order),
        "total": order.totals["total"],
        "address": _address(order.shipping_address),
        "shipping": _one_line(f"{order.shipping_method_name}, {order.shipping_estimate}"),
        "cancel_reason": order.cancel_reason,
        "payment_status": order.payment_status,
    }


def _line(line: "OrderLine") -> Json:
    return {
        "name": _one_line(line.name),
        "sku": line.sku,
        "quantity": line.quantity,
        "total": line.line_total,
    }


def _sums(order: "Order") -> list[tuple[str, Money]]:
    """What the total is made of, with its labels; a discount only where there is one."""
    totals = order.totals
    sums = [("Items", totals["subtotal"])]
    if totals["discount"].amount:
        sums.append(("Discount", Money(-totals["discount"].amount, order.currency)))
    return [*sums, ("Shipping", totals["shipping"]), ("Tax", totals["tax"])]


def _address(address: Json) -> list[str]:
    return [_one_line(address[name]) for name in ADDRESS if address.get(name)]


def _one_line(text: str) -> str:
    """Without line breaks: a name cannot write lines of its own into the plain text."""
    return " ".join(text.split())
