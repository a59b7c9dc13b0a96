"""What may happen between an order and the provider: a beginning, what comes true there, and the one end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.orders import services as orders
from app.payments.gateway.protocol import INTENT, SESSION, ProviderPayment
from app.payments.services import opening
from app.payments.services.parameters import Payable, Way
from app.platform.db import now
from app.platform.ids import new_id
from app.settlement import services
from tests.sales import (
    BANK,
    DECLINE,
    HOLDS,
    OWED,
    PAID,
    PAYMENT_TERMS,
    PENDING,
    TOTAL,
    Sale,
    State,
    make_sale,
)
from tests.steps import Step, dispute, intent, page, refund, second


@dataclass(frozen=True, slots=True)
class Story:
    """One way through. `all_at_once`: it has all come true before the first event of it comes."""

    begin: Callable[[Session], Sale]
    steps: Callable[[Sale], Sequence[Step]]
    end: State
    all_at_once: bool = False


def placed(session: Session) -> Sale:
    """An order with an open intent."""
    return make_sale(session)


def hosted(session: Session) -> Sale:
    """An order with an open hosted page; its intent is not known yet."""
    return make_sale(session, flow=SESSION)


def expired(session: Session) -> Sale:
    """An order that was ended without the provider's answer, because its hold was over."""
    sale = make_sale(session)
    services.end(session, orders.lock(session, sale.order_id), reason="expired")
    return sale


def sold_out(session: Session) -> Sale:
    """The same, and its stock is another's now."""
    sale = expired(session)
    inventory.reserve(session, holder_id=new_id(), quantities={sale.product.variant_id: 4})
    return sale


def given_up(session: Session) -> Sale:
    """An order that its buyer wants no more, while its payment is open."""
    sale = make_sale(session)
    services.cancel(session, orders.lock(session, sale.order_id), reason="buyer")
    return sale


def tried_again(session: Session) -> Sale:
    """An order whose first payment we believe to be closed; it has a second one."""
    sale = make_sale(session)
    services.settle(session, sale.seen("canceled"), holds=HOLDS)
    tried_again_after(session, sale)
    return sale


def tried_again_after(session: Session, sale: Sale) -> ProviderPayment:
    """A second payment of an order whose first is closed; its intent, when the money is there."""
    payable = Payable(sale.order_id, "ORD-1", "ada@example.com", TOTAL, "USD")
    made = opening.create(session, payable, way=Way(INTENT), terms=PAYMENT_TERMS, moment=now(session))
    return sale.seen("succeeded", payment_id=made.id, provider_id=f"pi_{made.id.hex}")


def ends(state: State, **changes: Any) -> State:
    """This state, but for these facts."""
    return replace(state, **changes)


GONE = ("succeeded", TOTAL, "USD", "provider")
REFUNDED = ends(PAID, order=("paid", "refunded", None), refunds=[GONE])

STORIES = {
    "paid": Story(placed, lambda s: [intent(s, "requires_action"), intent(s, "succeeded")], PAID),
    "declined, then paid": Story(
        placed,
        lambda s: [intent(s, "requires_payment_method", decline=DECLINE), intent(s, "succeeded")],
        PAID,
    ),
    "processing, then paid": Story(
        placed, lambda s: [intent(s, "processing", charge=BANK), intent(s, "succeeded")], PAID
    ),
    "processing, then failed": Story(
        placed,
        lambda s: [
            intent(s, "processing", charge=BANK),
            intent(s, "requires_payment_method", decline=DECLINE),
            intent(s, "canceled"),
        ],
        ends(PENDING, payments=["cancelled"]),
    ),
    "paid on the hosted page": Story(
        hosted, lambda s: [page(s, "requires_payment_method"), page(s, "succeeded")], PAID
    ),
    "debited on the hosted page": Story(
        hosted, lambda s: [page(s, "processing", charge=BANK), page(s, "succeeded")], PAID
    ),
    "the hosted page expired": Story(
        hosted,
        lambda s: [page(s, "requires_payment_method"), page(s, "canceled")],
        ends(PENDING, payments=["cancelled"]),
    ),
    "expired, then paid": Story(
        expired,
        lambda s: [intent(s, "requires_action"), intent(s, "succeeded")],
        ends(PAID, reservations=["released", "committed"]),
        all_at_once=True,
    ),
    "expired and sold out, then paid": Story(
        sold_out,
        lambda s: [intent(s, "processing"), intent(s, "succeeded")],
        ends(
            OWED,
            order=("cancelled", "paid", "unavailable"),
            stock=(5, 4),
            refunds=[("owed", TOTAL, "USD", "unavailable")],
        ),
        all_at_once=True,
    ),
    "given up, then paid": Story(
        given_up,
        lambda s: [intent(s, "requires_action"), intent(s, "succeeded")],
        OWED,
        all_at_once=True,
    ),
    "refunded in part": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            refund(s, "pending", amount=500),
            refund(s, "succeeded", amount=500),
        ],
        ends(
            PAID,
            order=("paid", "partially_refunded", None),
            refunds=[("succeeded", 500, "USD", "provider")],
        ),
    ),
    "refunded fully": Story(
        placed, lambda s: [intent(s, "succeeded"), refund(s, "pending"), refund(s, "succeeded")], REFUNDED
    ),
    "refunded in two parts": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            refund(s, "succeeded", amount=700),
            refund(s, "succeeded", amount=TOTAL - 700, provider_id="re_second"),
        ],
        ends(
            REFUNDED,
            refunds=[
                ("succeeded", 700, "USD", "provider"),
                ("succeeded", TOTAL - 700, "USD", "provider"),
            ],
        ),
    ),
    "a refund fails later": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            refund(s, "pending"),
            refund(s, "succeeded"),
            refund(s, "failed"),
        ],
        ends(PAID, refunds=[("failed", *GONE[1:])]),
    ),
    "a refund fails, and another succeeds": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            refund(s, "failed"),
            refund(s, "succeeded", provider_id="re_second"),
        ],
        ends(REFUNDED, refunds=[("failed", *GONE[1:]), GONE]),
    ),
    "disputed and won": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            dispute(s, "needs_response", withdrawn=False),
            dispute(s, "needs_response", withdrawn=True),
            dispute(s, "won", withdrawn=True),
            dispute(s, "won", withdrawn=False),
        ],
        ends(PAID, disputes=[("won", False)]),
    ),
    "disputed and lost": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            dispute(s, "needs_response", withdrawn=True),
            dispute(s, "lost", withdrawn=True),
        ],
        ends(PAID, order=("paid", "disputed", None), disputes=[("lost", True)]),
    ),
    "refunded in part, disputed and won": Story(
        placed,
        lambda s: [
            intent(s, "succeeded"),
            refund(s, "succeeded", amount=500),
            dispute(s, "needs_response", withdrawn=True),
            dispute(s, "won", withdrawn=False),
        ],
        ends(
            PAID,
            order=("paid", "partially_refunded", None),
            refunds=[("succeeded", 500, "USD", "provider")],
            disputes=[("won", False)],
        ),
    ),
    "two payments": Story(
        tried_again,
        lambda s: [second(s, "requires_action"), second(s, "succeeded"), intent(s, "succeeded")],
        ends(PAID, payments=["succeeded", "succeeded"], refunds=[("owed", TOTAL, "USD", "surplus")]),
        all_at_once=True,
    ),
}
