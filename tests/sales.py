"""Orders waiting for their money, made through services; what the provider may say; and what came of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services as carts
from app.checkout import services as checkout
from app.checkout.services import Terms, Wish
from app.payments.gateway.protocol import INTENT, SESSION, Charge, Decline, ProviderPayment
from app.payments.services import payments
from app.payments.services.opening import BankTerms, Opening, PaymentTerms
from app.payments.services.parameters import Way
from app.platform.party import Party
from app.pricing.services import FlatShipping, Rules, SingleTaxRate
from app.settlement.services import Holds
from tests.database import rows
from tests.factories import MadeProduct, make_product, make_user

RULES = Rules("USD", FlatShipping(499, "USD"), SingleTaxRate(800))
HOLDS = Holds(card=timedelta(minutes=15), bank=timedelta(days=7), longest=timedelta(hours=24))
PAYMENT_TERMS = PaymentTerms(
    hold=timedelta(minutes=15),
    session_hold=timedelta(minutes=60),
    longest=timedelta(hours=24),
    lease=timedelta(seconds=30),
    public_url="http://shop.example",
    bank=BankTerms("Backroom, IBAN GB33", timedelta(days=7)),
)
TERMS = Terms(rules=RULES, payment=PAYMENT_TERMS)
ADDRESS = {
    "name": "Ada Lovelace",
    "company": None,
    "line1": "12 St James's Square",
    "line2": None,
    "city": "London",
    "region": None,
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "phone": None,
}
TOTAL = 2699
"""Of two units at 10.00, 4.99 for shipping, and 8 percent of tax on both."""
VISA = Charge(provider_id="pi_1", payment_id=None, kind="card", brand="visa", last4="4242")
BANK = Charge(provider_id="pi_1", payment_id=None, kind="us_bank_account", brand="A BANK", last4="6789")
DECLINE = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", "ch_1")


class Placed(Protocol):
    """An order of two units of one product, however it was placed."""

    @property
    def order_id(self) -> UUID:
        """The order."""

    @property
    def product(self) -> MadeProduct:
        """What is bought."""


@dataclass(frozen=True, slots=True)
class Sale:
    """An order of two of five units in stock, pending, with its payment."""

    user_id: UUID
    product: MadeProduct
    order_id: UUID
    payment_id: UUID
    opening: Opening

    @property
    def provider_id(self) -> str:
        """The id of the provider's object for the payment."""
        return f"pi_{self.payment_id.hex}"

    @property
    def session_id(self) -> str:
        """The id of its hosted page, if it has one."""
        return f"cs_{self.payment_id.hex}"

    def seen(self, status: str, **values: Any) -> ProviderPayment:
        """The provider's object in a status, fitting the payment unless `values` say otherwise."""
        return object_of(self.order_id, self.payment_id, self.provider_id, status, values)


def object_of(
    order_id: UUID, payment_id: UUID, provider_id: str, status: str, values: dict[str, Any]
) -> ProviderPayment:
    """A provider's object that fits a payment of `TOTAL`, unless `values` say otherwise."""
    facts: dict[str, Any] = {
        "provider_id": provider_id,
        "status": status,
        "amount": TOTAL,
        "amount_received": TOTAL if status == "succeeded" else 0,
        "currency": "USD",
        "payment_id": payment_id,
        "order_id": order_id,
        "client_secret": f"{provider_id}_secret",
    }
    return ProviderPayment(**facts | values)


@dataclass(frozen=True, slots=True)
class State:
    """Everything that settling may touch, as plain values."""

    order: tuple[str, str, str | None]
    """Status, payment status, cancel reason."""
    payments: list[str]
    reservations: list[str]
    stock: tuple[int, int]
    """Units on hand and reserved, of the one variant."""
    refunds: list[tuple[str, int, str, str]] = field(default_factory=list)
    """Status, amount, currency, reason."""
    disputes: list[tuple[str, bool]] = field(default_factory=list)
    """Status, and whether the money is gone."""


PENDING = State(("pending", "unpaid", None), ["open"], ["active"], (5, 2))
PAID = State(("paid", "paid", None), ["succeeded"], ["committed"], (3, 0))
EXPIRED = State(("cancelled", "unpaid", "expired"), ["cancelled"], ["released"], (5, 0))
CANCELLED = replace(EXPIRED, order=("cancelled", "unpaid", "buyer"))
OWED = replace(
    CANCELLED,
    order=("cancelled", "paid", "buyer"),
    payments=["succeeded"],
    refunds=[("owed", TOTAL, "USD", "cancelled")],
)

GIVEN_BACK = replace(
    OWED, order=("cancelled", "refunded", "buyer"), refunds=[("succeeded", TOTAL, "USD", "cancelled")]
)


def make_sale(
    session: Session, *, opened: bool = True, price: int = 1000, stock: int = 5, flow: str = INTENT
) -> Sale:
    """A pending order; unless `opened` is false, the provider's object is known: the intent, or the page."""
    user = make_user(session)
    product = make_product(session, price=price, stock=stock)
    carts.add(session, Party(user.id), rules=RULES, variant_id=product.variant_id, quantity=2)
    placed = checkout.place(session, buyer=Party(user.id), wish=wish(way=Way(flow)), terms=TERMS)
    assert placed.opening is not None
    assert placed.payment_id is not None
    sale = Sale(user.id, product, placed.order_id, placed.payment_id, placed.opening)
    if opened:
        payment = payments.lock(session, sale.payment_id)
        page = {"provider_id": None, "session_id": sale.session_id} if flow == SESSION else {}
        payments.record_opened(session, payment, sale.seen("requires_payment_method", **page))
        placed.opening.claim.finish(session)
    return sale


def wish(**values: Any) -> Wish:
    """What a buyer asks for besides the cart."""
    facts: dict[str, Any] = {
        "shipping_address": ADDRESS,
        "billing_address": ADDRESS,
        "shipping_method": "standard",
        "way": Way(INTENT),
        "expected_total": None,
        "gift_message": None,
    }
    return Wish(**facts | values)


def state(sale: "Placed", session: Session | None = None) -> State:
    """How order, payments, reservations, stock and refunds of a sale stand now."""

    def of_order(statement: str) -> list[tuple[Any, ...]]:
        return rows(statement, session, id=sale.order_id)

    (order,) = of_order("SELECT status, payment_status, cancel_reason FROM orders WHERE id = :id")
    found = of_order("SELECT status FROM payments WHERE order_id = :id ORDER BY created_at, id")
    held = of_order("SELECT status FROM reservations WHERE holder_id = :id ORDER BY reserved_at, id")
    (stock,) = rows(
        "SELECT on_hand, reserved FROM stock_levels WHERE variant_id = :id",
        session,
        id=sale.product.variant_id,
    )
    refunds = of_order(
        "SELECT status, amount, currency, reason FROM refunds WHERE order_id = :id ORDER BY id"
    )
    disputes = of_order("SELECT status, withdrawn FROM disputes WHERE order_id = :id ORDER BY provider_id")
    return State(
        (order[0], order[1], order[2]),
        [row[0] for row in found],
        [row[0] for row in held],
        (stock[0], stock[1]),
        [(row[0], row[1], row[2], row[3]) for row in refunds],
        [(row[0], row[1]) for row in disputes],
    )


def topics(sale: "Placed", session: Session | None = None) -> list[str]:
    """The topics of the order's events, in their order."""
    statement = "SELECT topic FROM events WHERE subject = :id ORDER BY sequence"
    return [row[0] for row in rows(statement, session, id=str(sale.order_id))]
