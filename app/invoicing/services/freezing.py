"""Everything that will stand on a document, taken down when it is issued."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.invoicing.models import Document
from app.invoicing.services.parts import Part
from app.invoicing.services.rules import Seller
from app.platform.db import Json
from app.platform.working_days import WorkingDays

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment, Refund

OF_ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")


def invoice_facts(
    order: "Order",
    payment: "Payment | None",
    parts: Sequence[Part],
    *,
    seller: Seller,
    calendar: WorkingDays,
) -> Json:
    """What stands on the invoice of an order that is paid, but its number and day."""
    return _common(order, parts, seller, calendar) | {
        "buyer": _address(order.billing_address),
        "tax_number": order.tax_number,
        "recipient": _address(order.shipping_address),
        "payment": payment.method if payment else None,
    }


def credit_note_facts(
    order: "Order",
    refund: "Refund",
    parts: Sequence[Part],
    *,
    invoice: Document,
    seller: Seller,
    calendar: WorkingDays,
) -> Json:
    """The same for what a refund takes back of the order's invoice.

    The buyer is the invoice's: the order may have forgotten them since.
    """
    return _common(order, parts, seller, calendar) | {
        "buyer": invoice.facts["buyer"],
        "tax_number": invoice.facts["tax_number"],
        "invoice": {"number": invoice.number, "issued_on": invoice.facts["issued_on"]},
        "is_all": sum(part.gross for part in parts) == invoice.total_amount,
        "reason": refund.reason,
    }


def _common(order: "Order", parts: Sequence[Part], seller: Seller, calendar: WorkingDays) -> Json:
    return {
        "seller": asdict(seller),
        "order_number": order.number,
        "placed_at": calendar.local(order.placed_at).isoformat(),
        "paid_at": order.paid_at and calendar.local(order.paid_at).isoformat(),
        "locale": order.locale,
        "currency": order.currency,
        "prices_include_tax": order.prices_include_tax,
        "parts": [part.as_json() for part in parts],
    }


def _address(address: Json) -> Json:
    return {name: address.get(name) for name in OF_ADDRESS}
