"""Documents of an order that nobody placed, as the shop's settings make them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.fulfillment.models import Fulfillment, ParcelLine
from app.fulfillment.queries import Parcel
from app.fulfillment.services import slips
from app.invoicing.models import Document
from app.invoicing.services import freezing, showing
from app.invoicing.services.parts import Part, parts_of, taken_back
from app.invoicing.services.rules import InvoiceRules
from app.invoicing.states import CREDIT_NOTE, INVOICE
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, Refund
from app.platform.db import Json
from app.platform.ids import new_id
from app.platform.working_days import WorkingDays

MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALENDAR = WorkingDays()
STANDARD, REDUCED = Decimal(2000), Decimal(500)
GOODS = (
    ("Desk lamp, brass", "LAMP-BRASS", 2, 7450, 1490, STANDARD),
    ("Garden chair, oak", "CHAIR-OAK", 4, 11900, 4760, STANDARD),
    ("The Lighting of Rooms (paperback)", "BOOK-LIGHT", 1, 2400, 240, REDUCED),
)
"""Name, SKU, units, price of one, discount of all, and the rate of tax, which is added."""
HOME = {
    "name": "Ada Lovelace",
    "company": "Analytical Engines Ltd",
    "line1": "12 St James's Square",
    "line2": None,
    "postal_code": "SW1Y 4JH",
    "city": "London",
    "region": None,
    "country": "GB",
    "phone": None,
}
TOKYO = HOME | {
    "name": "山田 太郎",
    "company": None,
    "line1": "丸の内1丁目9番1号",
    "postal_code": "100-0005",
    "city": "千代田区",
    "region": "東京都",
    "country": "JP",
}
DUBAI = HOME | {
    "name": "ليلى المنصوري",
    "company": None,
    "line1": "شارع الشيخ زايد 45",
    "postal_code": None,
    "city": "دبي",
    "country": "AE",
}
GIFT = "عيد ميلاد سعيد!"


def pages_of_samples(rules: InvoiceRules, *, language: str) -> Mapping[str, tuple[Path, Json]]:
    """By name: a template and what stands on it."""
    order = _order(language, TOKYO)
    invoice = _invoice(order, rules)
    sent = _order(language, DUBAI, gift_message=GIFT, delivery_date=date(2026, 12, 1))
    return {
        "invoice": (showing.TEMPLATE, showing.page(invoice)),
        "credit-note": (showing.TEMPLATE, showing.page(_credit_note(order, invoice, rules))),
        "packing-slip": (slips.TEMPLATE, slips.page(_parcel(sent), rules.seller.name, CALENDAR)),
    }


def _order(language: str, recipient: Json, **more: Any) -> Order:
    lines = [_line(position, *facts) for position, facts in enumerate(GOODS)]
    shipping, shipping_tax = 1900, 380
    return Order(
        id=new_id(),
        number="ORD-20261121-7K3M9Q",
        locale=language,
        currency="GBP",
        lines=lines,
        prices_include_tax=False,
        shipping_amount=shipping,
        shipping_discount_amount=0,
        shipping_tax_amount=shipping_tax,
        shipping_tax_basis_points=STANDARD,
        shipping_method_name="Express",
        billing_address=HOME,
        shipping_address=recipient,
        placed_at=MOMENT,
        paid_at=MOMENT,
        **more,
    )


def _line(
    position: int, name: str, sku: str, quantity: int, price: int, discount: int, rate: Decimal
) -> OrderLine:
    total = price * quantity
    return OrderLine(
        id=new_id(),
        position=position,
        sku=sku,
        name=name,
        quantity=quantity,
        unit_price_amount=price,
        line_total_amount=total,
        discount_amount=discount,
        tax_amount=int((total - discount) * rate / 10_000),
        tax_basis_points=rate,
        parcelled=0,
        withheld=0,
    )


def _invoice(order: Order, rules: InvoiceRules) -> Document:
    card = Payment(method_kind="card", method_brand="visa", method_last4="4242")
    parts = parts_of(order)
    facts = freezing.invoice_facts(order, card, parts, seller=rules.seller, calendar=CALENDAR)
    return _document(INVOICE, f"{rules.invoice_prefix}-2026-000042", parts, facts)


def _credit_note(order: Order, invoice: Document, rules: InvoiceRules) -> Document:
    """For one of the chairs."""
    parts = [taken_back(parts_of(order)[1], 12852, 2142, units=1, includes_tax=False)]
    refund = Refund(reason="returned")
    facts = freezing.credit_note_facts(
        order, refund, parts, invoice=invoice, seller=rules.seller, calendar=CALENDAR
    )
    return _document(CREDIT_NOTE, f"{rules.credit_note_prefix}-2026-000007", parts, facts)


def _document(kind: str, number: str, parts: Sequence[Part], facts: Json) -> Document:
    return Document(
        kind=kind,
        number=number,
        currency="GBP",
        total_amount=sum(part.gross for part in parts),
        tax_amount=sum(part.tax for part in parts),
        facts=facts | {"issued_on": MOMENT.date().isoformat()},
        issued_at=MOMENT,
    )


def _parcel(order: Order) -> Parcel:
    contents = [ParcelLine(order_line_id=line.id, quantity=line.quantity) for line in order.lines]
    return Parcel(Fulfillment(parcel=1, status="packed", contents=contents, created_at=MOMENT), order)
