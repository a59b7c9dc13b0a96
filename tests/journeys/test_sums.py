"""Not a minor unit of difference between cart, order, intent, invoice and refunds, whatever is bought."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.carts import services as carts
from app.checkout import services as checkout
from app.invoicing.models import Document
from app.invoicing.services import issuing
from app.orders import services as orders
from app.payments import queries as payment_queries
from app.payments.services import payments, refunds
from app.payments.services.refunds import Units
from app.payments.states import PENDING, RETURNED
from app.platform.money import Money, step
from app.platform.party import Party
from app.pricing.services import FlatShipping, Levy, Rules
from app.settlement.services import settle
from app.settlement.services.giving import RefundWish, give_back
from tests.coupons import CODE, make_coupon
from tests.factories import make_product, make_user, money
from tests.invoicing.making import OFFICE
from tests.sales import HOLDS, TERMS, object_of, wish


@dataclass(frozen=True, slots=True)
class Service:
    """Rates of the lines in their order, and of shipping."""

    rates: tuple[Decimal, ...]
    shipping: Decimal
    included: bool

    def levy(self, _: Any, categories: Any, __: Any) -> Levy:
        rates = self.rates[: len(categories)]
        return Levy(prices_include_tax=self.included, rates=rates, shipping_rate=self.shipping)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is bought: price and units of each line, and under which rules; amounts are in steps.

    `back` are the most units of each line of the order that go back first.
    """

    currency: str
    lines: list[tuple[int, int]]
    fee: int
    tax: Service
    coupon: dict[str, Any] | None
    back: tuple[int, ...]

    @property
    def rules(self) -> Rules:
        fee = FlatShipping(self.fee * step(self.currency), self.currency)
        return Rules("USD", fee, self.tax, ("USD", self.currency))


NINETEEN = (Decimal(1_900),) * 3
RATES = st.sampled_from([Decimal(0), Decimal(700), Decimal("887.5"), Decimal(1_900), Decimal(2_550)])
COUPONS = st.one_of(
    st.none(),
    st.just({"kind": "free_shipping"}),
    st.builds(lambda points: {"basis_points": points}, st.integers(1, 5_000)),
    st.builds(lambda amount: {"amount": amount}, st.integers(1, 900)),
)
PLANS = st.builds(
    Plan,
    currency=st.sampled_from(["USD", "JPY", "KWD", "ISK"]),
    lines=st.lists(st.tuples(st.integers(1_000, 99_999), st.integers(1, 5)), min_size=1, max_size=3),
    fee=st.integers(0, 2_000),
    tax=st.builds(Service, st.tuples(RATES, RATES, RATES), RATES, st.booleans()),
    coupon=COUPONS,
    back=st.tuples(*[st.integers(0, 5)] * 3),
)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to shrink a purchase would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(plan=Plan("KWD", [(923, 3)], 50, Service(NINETEEN, NINETEEN[0], included=True), None, (1, 0, 0)))
@given(plan=PLANS)
def test_cart_order_intent_invoice_and_refunds_agree_to_the_unit(session: Session, plan: Plan) -> None:
    with session.begin_nested() as example:
        _buy_and_give_back(session, plan)
        example.rollback()


def _buy_and_give_back(session: Session, plan: Plan) -> None:
    buyer = Party(make_user(session).id)
    in_cart = _fill(session, buyer, plan)
    terms = replace(TERMS, rules=plan.rules)
    placed = checkout.place(session, buyer=buyer, wish=wish(), terms=terms)
    assert placed.opening is not None
    assert placed.payment_id is not None
    order, asked = orders.lock(session, placed.order_id), placed.opening.request.parameters
    total = {"amount": order.total_amount, "currency": plan.currency}
    assert in_cart["total"] == total
    assert in_cart["tax"]["amount"] == order.tax_amount
    assert (asked["amount"], asked["currency"]) == (order.total_amount, plan.currency.lower())

    _pay(session, placed.order_id, placed.payment_id, total)
    invoice = issuing.issue_invoice(session, order.id, office=OFFICE)
    assert invoice is not None
    assert (invoice.total_amount, invoice.tax_amount) == (order.total_amount, order.tax_amount)

    back = [_given(session, order.id, _some(order, plan))]
    if back[0] < order.total_amount:
        back.append(_given(session, order.id, ()))
    assert sum(back) == order.total_amount
    assert not any(amount % step(plan.currency) for amount in back)
    notes = select(func.sum(Document.total_amount), func.sum(Document.tax_amount), Document.currency)
    of_order = notes.where(Document.order_id == order.id, Document.kind == "credit_note")
    found = session.execute(of_order.group_by(Document.currency)).one()
    assert tuple(found) == (order.total_amount, order.tax_amount, plan.currency)


def _fill(session: Session, buyer: Party, plan: Plan) -> Any:
    """Put all of it into a cart; the answer is its totals."""
    least = step(plan.currency)
    for price, quantity in plan.lines:
        listed = {"price": money(price * least, plan.currency), "compare_at_price": None}
        prices = [listed] if plan.currency != "USD" else []
        article = make_product(session, variants=[{"price": money(price), "prices": prices}], stock=5)
        cart = carts.add(
            session,
            buyer,
            rules=plan.rules,
            variant_id=article.variant_id,
            quantity=quantity,
            currency=plan.currency,
        )
    if plan.coupon is not None:
        amount = plan.coupon.get("amount")
        value = money(amount * least, plan.currency) if amount else None
        _coupon(session, plan.coupon, value)
        cart = carts.put_coupon(session, buyer, coupon=CODE, rules=plan.rules)
    return cart.totals


def _coupon(session: Session, coupon: dict[str, Any], value: Any) -> None:
    if value is None:
        make_coupon(session, **coupon)
    else:
        make_coupon(session, kind="amount", amount=Money(**value))


def _pay(session: Session, order_id: UUID, payment_id: UUID, total: dict[str, Any]) -> None:
    payment = payments.lock(session, payment_id)
    waiting = object_of(order_id, payment_id, f"pi_{payment_id.hex}", "requires_payment_method", total)
    payments.record_opened(session, payment, waiting)
    paid = replace(waiting, status="succeeded", amount_received=total["amount"])
    settle(session, paid, holds=HOLDS)


def _some(order: Any, plan: Plan) -> list[Units]:
    """Some units of some of its lines, at least one."""
    pairs = zip(order.lines, plan.back, strict=False)
    wanted = [(line.id, min(most, line.quantity)) for line, most in pairs]
    if not any(quantity for _, quantity in wanted):
        wanted = [(order.lines[0].id, 1)]
    return [Units(line_id, quantity, restock=False) for line_id, quantity in wanted if quantity]


def _given(session: Session, order_id: UUID, units: Any) -> int:
    """Give these units back, or all that is left, and write the credit note; the answer is the amount."""
    order = orders.lock(session, order_id)
    refund = give_back(session, order, RefundWish(None, "other", None, units))
    payment = payments.lock(session, refund.payment_id)
    refunds.move(payment, refund, PENDING)
    refunds.move(payment, refund, RETURNED)
    refunds.record_succeeded(session, refund)
    session.flush()
    note = issuing.issue_credit_note(session, refund.id, office=OFFICE)
    assert note is not None
    assert note.tax_amount % step(note.currency) == 0
    return payment_queries.refund(session, refund.id).amount
