"""What messages say when there is nobody to tell: an example of each kind, to be looked at."""

from datetime import UTC, date, datetime
from email.message import EmailMessage

from app.notifications.models import Message
from app.notifications.services import texts
from app.notifications.services.account_letters import PAGES
from app.notifications.services.mails import Letterhead, mail
from app.notifications.states import ORDER_KINDS, RETURN_KINDS, TEXT_KINDS
from app.platform.db import Json
from app.platform.ids import new_id
from app.platform.money import Money

MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def _money(amount: int) -> Money:
    return Money(amount, "EUR")


_ORDER: Json = {
    "number": "ORD-20261121-7KQ2MX",
    "buyer": "Zoë Müller-Brandt",
    "lines": [
        {"name": "Garden chair, oak, oiled", "sku": "CHAIR-OAK-1", "quantity": 2, "total": _money(11800)},
        {"name": "Reading lamp", "sku": "LAMP-BRASS", "quantity": 1, "total": _money(123450)},
    ],
    "sums": [
        ("subtotal", _money(135250)),
        ("discount", _money(-1000)),
        ("shipping", _money(499)),
        ("tax_included", _money(21514)),
    ],
    "total": _money(134749),
    "address": {"lines": ["Zoë Müller-Brandt", "Lange Straße 12", "10115 Berlin"], "country": "DE"},
    "shipping": {
        "name": "Standard shipping",
        "estimate": "3 to 5 working days",
        "fewest": 3,
        "most": 5,
    },
    "store": None,
    "cancel_reason": "expired",
    "payment_status": "unpaid",
    "free": False,
    "coupon": None,
    "transfer": None,
    "refund": {"amount": _money(5900), "reason": "returned"},
    "parcel": {
        "goods": "2 × Garden chair, oak, oiled",
        "is_all": False,
        "carrier": "DHL",
        "number": "JD014600003712",
        "page": "https://parcels.example/JD014600003712",
        "expected": date(2026, 11, 26),
    },
    "returned": {"goods": "1 × Garden chair, oak, oiled", "note": None, "refund": _money(5900)},
}
_OF_ORDERS: dict[str, Json] = {
    "order_received": {
        "transfer": {
            "account": "Backroom, DE02 1203 0000 0000 2020 51",
            "reference": "ORD-20261121-7KQ2MX",
            "pay_until": date(2026, 11, 28),
        }
    },
    "order_ready": {
        "store": {
            "name": "Backroom Berlin",
            "phone": "+49 30 1234567",
            "hours": [(day, [("10:00", "19:00")]) for day in range(5)],
        },
        "address": {
            "lines": ["Zoë Müller-Brandt", "Backroom Berlin", "Torstraße 1", "10119 Berlin"],
            "country": "DE",
        },
    },
    "paid_order_cancelled": {"cancel_reason": "buyer"},
    "return_approved": {
        "returned": {"goods": "1 × Garden chair", "note": "Our label is inside.", "refund": None}
    },
    "return_rejected": {"returned": {"goods": "1 × Garden chair", "note": "It is worn.", "refund": None}},
}
_WAY_OUT = {"unsubscribe_url": "https://shop.example.com/v1/unsubscribe?token=example"}
_OF_ACCOUNTS: dict[str, Json] = {
    "seller_approved": {"shop_name": "Zoë's chairs"},
    "seller_rejected": {"shop_name": "Zoë's chairs", "reason": "We sell no chairs at the moment."},
    "low_stock": {"article": "Reading lamp", "sku": "LAMP-BRASS", "available": 3, **_WAY_OUT},
    "back_in_stock": {"article": "Reading lamp", "sku": "LAMP-BRASS", "available": 12, **_WAY_OUT},
    "cart_reminder": {
        "articles": "2 × Garden chair, oak, oiled",
        "kept_until": date(2026, 12, 21),
        "url": "https://shop.example.com/cart",
        **_WAY_OUT,
    },
    "webhook_disabled": {"host": "hooks.example", "why": "failing"},
    "service_alert": {
        "service": "Warehouse",
        "type": "ALERT_COLD_STORE",
        "told": "degrees 9, store S-1",
        **_WAY_OUT,
    },
}


def example(kind: str, letterhead: Letterhead, *, tag: str) -> EmailMessage:
    """A mail of this kind in a language, as somebody would get it who does not exist."""
    message = Message(
        kind=kind,
        recipient="zoe@example.com",
        locale=tag,
        created_at=MOMENT,
        message_id=f"<{new_id()}@{letterhead.domain}>",
    )
    return mail(message, facts_of(kind, letterhead), letterhead)


def example_text(kind: str, letterhead: Letterhead, *, tag: str) -> str:
    """A text message of this kind in a language, on one line."""
    return texts.text_of(kind, facts_of(kind, letterhead), letterhead, tag=tag)


def facts_of(kind: str, letterhead: Letterhead) -> Json:
    """What the template of this kind is given."""
    if kind in (*ORDER_KINDS, *RETURN_KINDS, *TEXT_KINDS):
        url = f"{letterhead.public_url}/v1/orders/{_ORDER['number']}"
        links = {"order_url": f"{url}?token=example", "invoice_url": f"{url}/invoice?token=example"}
        return _ORDER | links | _OF_ORDERS.get(kind.removesuffix("_text"), {})
    page = PAGES.get(kind)
    url = f"{letterhead.storefront_url}/{page}#token=example" if page else ""
    return {"name": _ORDER["buyer"], "url": url} | _OF_ACCOUNTS.get(kind, {})
