"""What a mail about an order says."""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from app.fulfillment.queries import Parcel, ReturnCase
from app.fulfillment.states import APPROVED, PACKED, RECEIVED, REJECTED, REQUESTED, WITHDRAWN
from app.notifications.models import Message
from app.notifications.services.mails import Letterhead, mail
from app.notifications.services.wording import one_line
from app.orders.queries import link_token
from app.orders.states import CANCELLED
from app.payments.states import RETURNED
from app.platform.db import Json
from app.platform.money import Money
from app.platform.working_days import DAYS

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order, OrderLine
    from app.payments.models import Refund

_STILL_SO = {
    REQUESTED: ("return_requested",),
    APPROVED: ("return_requested", "return_approved"),
    RECEIVED: ("return_requested", "return_approved", "return_received"),
    REJECTED: ("return_rejected",),
    WITHDRAWN: (),
}
"""By the status of a return: the mails that may still be sent, an earlier one late."""
_DAYS = re.compile(r"(?:(?P<fewest>\d+) to )?(?P<most>\d+) working days?")
"""How the estimate of an order is written, in English; mails say it in their language."""


def holds(
    kind: str,
    order: "Order",
    refund: "Refund | None" = None,
    case: ReturnCase | None = None,
    parcel: Parcel | None = None,
) -> bool:
    """Whether what the mail says is still so: an order may end before it is told, and be revived after."""
    if order.erased_at is not None:
        return False
    if refund is not None:
        return refund.status == RETURNED
    if case is not None:
        return kind in _STILL_SO[case.row.status]
    if parcel is not None and kind == "order_ready":
        return parcel.row.status == PACKED and parcel.row.ready_at is not None
    if kind in ("order_received", "order_paid"):
        # What costs nothing was paid when it was placed: one mail says both.
        return order.status != CANCELLED and (kind == "order_paid" or order.total_amount > 0)
    return kind not in ("order_cancelled", "paid_order_cancelled") or order.status == CANCELLED


def compose(
    message: Message,
    order: "Order",
    letterhead: Letterhead,
    refund: "Refund | None" = None,
    parcel: Parcel | None = None,
    case: ReturnCase | None = None,
    transfer: Mapping[str, Any] | None = None,
) -> EmailMessage:
    """The mail that a message stands for; composed again it is the same mail, by Message-ID and Date.

    Raises Refused for an address that no mail reaches.
    """
    facts = facts_of(order, letterhead, refund=refund, parcel=parcel, case=case, transfer=transfer)
    return mail(message, facts, letterhead)


def facts_of(
    order: "Order",
    letterhead: Letterhead,
    *,
    refund: "Refund | None" = None,
    parcel: Parcel | None = None,
    case: ReturnCase | None = None,
    transfer: Mapping[str, Any] | None = None,
) -> Json:
    """What the template of a mail about an order is given."""
    return _facts(order) | {
        "order_url": _link(order, letterhead),
        "invoice_url": _link(order, letterhead, "/invoice"),
        "refund": refund and {"amount": refund.money, "reason": refund.reason},
        "parcel": parcel and _parcel(parcel),
        "returned": case and _returned(case),
        "transfer": transfer and _transfer(transfer),
    }


def _link(order: "Order", letterhead: Letterhead, part: str = "") -> str:
    token = link_token(order, secret=letterhead.link_secret)
    return f"{letterhead.public_url}/v1/orders/{order.number}{part}?token={token}"


def _facts(order: "Order") -> Json:
    return {
        "number": order.number,
        "buyer": one_line(order.shipping_address["name"]),
        "lines": [_line(line) for line in order.lines],
        "sums": _sums(order),
        "total": order.totals["total"],
        "address": _address(order.shipping_address),
        "store": order.pickup_store and _store(order.pickup_store),
        "shipping": _shipping(order),
        "cancel_reason": order.cancel_reason,
        "payment_status": order.payment_status,
        "free": order.total_amount == 0,
        "coupon": order.coupon_code,
    }


def _transfer(told: Mapping[str, Any]) -> Json:
    account, reference = one_line(told["account"]), told["reference"]
    return {"account": account, "reference": reference, "pay_until": told["pay_until"].date()}


def _store(store: Json) -> Json:
    """Where the buyer comes for it, and when: the days of the week, from 0 on, on which it is open."""
    hours = [(number, store["hours"].get(day)) for number, day in enumerate(DAYS)]
    return {
        "name": one_line(store["name"]),
        "phone": store["phone"],
        "hours": [
            (day, [(each["opens"], each["closes"]) for each in times]) for day, times in hours if times
        ],
    }


def _parcel(parcel: Parcel) -> Json:
    row, goods = parcel.row, parcel.lines
    return {
        "goods": ", ".join(f"{each.quantity} × {one_line(each.line.name)}" for each in goods),
        "is_all": sum(each.quantity for each in goods) == sum(line.quantity for line in parcel.order.lines),
        "carrier": one_line(row.carrier) if row.carrier else None,
        "number": one_line(row.tracking_number) if row.tracking_number else None,
        "page": row.tracking_url,
        "expected": row.estimated_delivery,
    }


def _returned(case: ReturnCase) -> Json:
    """What was received of it, where that is over; else what was asked for."""
    is_over = case.row.status == RECEIVED
    units = [(each.row.received if is_over else each.row.quantity, each.line) for each in case.lines]
    return {
        "goods": ", ".join(f"{count} × {one_line(line.name)}" for count, line in units if count),
        "note": one_line(case.row.note) if case.row.note else None,
        "refund": case.refund and case.refund.money,
    }


def _line(line: "OrderLine") -> Json:
    return {
        "name": one_line(line.name),
        "sku": line.sku,
        "quantity": line.quantity,
        "total": line.line_total,
    }


def _shipping(order: "Order") -> Json:
    """How it is sent, and the days that it takes, in words and, where those are known, in numbers."""
    days = _DAYS.fullmatch(order.shipping_estimate)
    most = int(days["most"]) if days else None
    return {
        "name": one_line(order.shipping_method_name),
        "estimate": one_line(order.shipping_estimate),
        "fewest": int(days["fewest"] or days["most"]) if days else None,
        "most": most,
    }


def _sums(order: "Order") -> list[tuple[str, Money]]:
    """What the total is made of, by names; a discount only where there is one."""
    totals = order.totals
    sums = [("subtotal", totals["subtotal"])]
    if totals["discount"].amount:
        sums.append(("discount", Money(-totals["discount"].amount, order.currency)))
    tax = "tax_included" if order.prices_include_tax else "tax"
    return [*sums, ("shipping", totals["shipping"]), (tax, totals["tax"])]


def _address(address: Json) -> Json:
    """Its lines, less the country: that is named in the reader's language."""
    town = " ".join(filter(None, (address.get("postal_code"), address["city"])))
    named = [address.get(name) for name in ("name", "company", "line1", "line2")]
    lines = [one_line(line) for line in (*named, town, address.get("region")) if line]
    return {"lines": lines, "country": address["country"]}
