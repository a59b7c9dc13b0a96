"""What a mail about an order says."""

from email.message import EmailMessage
from typing import TYPE_CHECKING

from app.fulfillment.queries import Parcel
from app.notifications.models import Message
from app.notifications.services.mails import Letterhead, mail, one_line
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
    "order_shipped": "Goods of your order {number} are on their way",
    "order_delivered": "Your order {number} has arrived",
    "order_refunded": "Money for your order {number} goes back to you",
}
ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")


def holds(kind: str, order: "Order", refund: "Refund | None" = None) -> bool:
    """Whether what the mail says is still so: an order may end before it is told, and be revived after."""
    if order.erased_at is not None:
        return False
    if refund is not None:
        return refund.status == RETURNED
    if kind in ("order_received", "order_paid"):
        return order.status != CANCELLED
    return kind not in ("order_cancelled", "paid_order_cancelled") or order.status == CANCELLED


def compose(
    message: Message,
    order: "Order",
    letterhead: Letterhead,
    refund: "Refund | None" = None,
    parcel: Parcel | None = None,
) -> EmailMessage:
    """The mail that a message stands for; composed again it is the same mail, by Message-ID and Date.

    Raises MailRefused for an address that no mail reaches.
    """
    facts = _facts(order) | {
        "order_url": _link(order, letterhead),
        "refund": refund and {"amount": refund.money, "reason": refund.reason},
        "parcel": parcel and _parcel(parcel),
    }
    return mail(message, SUBJECTS[message.kind].format(number=order.number), facts, letterhead)


def _link(order: "Order", letterhead: Letterhead) -> str:
    token = link_token(order, secret=letterhead.link_secret)
    return f"{letterhead.public_url}/v1/orders/{order.number}?token={token}"


def _facts(order: "Order") -> Json:
    return {
        "number": order.number,
        "buyer": one_line(order.shipping_address["name"]),
        "lines": [_line(line) for line in order.lines],
        "sums": _sums(order),
        "total": order.totals["total"],
        "address": _address(order.shipping_address),
        "shipping": one_line(f"{order.shipping_method_name}, {order.shipping_estimate}"),
        "cancel_reason": order.cancel_reason,
        "payment_status": order.payment_status,
    }


def _parcel(parcel: Parcel) -> Json:
    row, goods = parcel.row, parcel.lines
    return {
        "goods": ", ".join(f"{each.quantity} × {one_line(each.line.name)}" for each in goods),
        "is_all": sum(each.quantity for each in goods) == sum(line.quantity for line in parcel.order.lines),
        "carrier": one_line(row.carrier) if row.carrier else None,
        "number": one_line(row.tracking_number) if row.tracking_number else None,
        "page": row.tracking_url,
        "expected": row.estimated_delivery and row.estimated_delivery.isoformat(),
    }


def _line(line: "OrderLine") -> Json:
    return {
        "name": one_line(line.name),
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
    return [one_line(address[name]) for name in ADDRESS if address.get(name)]
