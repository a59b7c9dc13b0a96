"""Every state that an order with its payment can be in, made as it comes to be; and what each looks like."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.orders import services as orders
from app.payments.services import payments, refunds
from app.platform.ids import new_id
from app.settlement import services
from app.settlement.services.disputing import settle_dispute
from tests import steps, stories
from tests.database import change
from tests.sales import BANK, CANCELLED, DECLINE, EXPIRED, HOLDS, OWED, PAID, PENDING, TOTAL, Sale, State
from tests.sales import make_sale as placed
from tests.stories import ends

PART = 500
OWN = ("USD", "other")


def seen(session: Session, sale: Sale, status: str, **values: Any) -> None:
    """The provider says this of the payment."""
    services.settle(session, sale.seen(status, **values), holds=HOLDS)


def unopened(session: Session, flow: str) -> Sale:
    """The opening call has not answered yet."""
    return placed(session, opened=False, flow=flow)


def opened(session: Session, flow: str) -> Sale:
    """It can be paid."""
    return placed(session, flow=flow)


def declined(session: Session, flow: str) -> Sale:
    """A try has failed."""
    sale = opened(session, flow)
    seen(session, sale, "requires_payment_method", decline=DECLINE)
    return sale


def processing(session: Session, flow: str) -> Sale:
    """A bank is working on it."""
    sale = opened(session, flow)
    seen(session, sale, "processing", charge=BANK)
    return sale


def closed(session: Session, flow: str) -> Sale:
    """The payment takes nothing any more, the order waits for another."""
    sale = opened(session, flow)
    seen(session, sale, "canceled")
    return sale


def cancelling(session: Session, flow: str) -> Sale:
    """The buyer wants out, the provider has not agreed yet."""
    sale = opened(session, flow)
    services.cancel(session, orders.lock(session, sale.order_id), reason="buyer")
    return sale


def in_review(session: Session, flow: str) -> Sale:
    """The provider took another amount: an operator is to decide."""
    sale = opened(session, flow)
    seen(session, sale, "succeeded", amount_received=1)
    return sale


def paid(session: Session, flow: str) -> Sale:
    """The money is there."""
    sale = opened(session, flow)
    seen(session, sale, "succeeded")
    return sale


def moved_on(status: str) -> Callable[[Session, str], Sale]:
    """It is on its way to the buyer."""

    def make(session: Session, flow: str) -> Sale:
        sale = paid(session, flow)
        change(f"UPDATE orders SET status = '{status}'", session)  # noqa: S608  # the tests' own words
        return sale

    return make


def paid_otherwise(session: Session, flow: str) -> Sale:
    """Another payment has paid it; this one was closed before."""
    sale = closed(session, flow)
    other = stories.tried_again_after(session, sale)
    services.settle(session, other, holds=HOLDS)
    return sale


def refund_owed(session: Session, flow: str) -> Sale:
    """A part is to go back; nobody has sent it yet."""
    sale = paid(session, flow)
    orders.lock(session, sale.order_id)
    refunds.owe(session, payments.lock(session, sale.payment_id), amount=PART, currency="USD", reason="other")
    session.flush()
    return sale


def refunded(amount: int, *statuses: str) -> Callable[[Session, str], Sale]:
    """Some of it, or all, went back by the provider's dashboard."""

    def make(session: Session, flow: str) -> Sale:
        sale = paid(session, flow)
        for status in statuses:
            services.settle_refund(session, steps.refunded(sale, status, amount=amount, provider_id="re_1"))
        return sale

    return make


def disputed(status: str, *, withdrawn: bool) -> Callable[[Session, str], Sale]:
    """A bank has asked for the money."""

    def make(session: Session, flow: str) -> Sale:
        sale = paid(session, flow)
        settle_dispute(session, steps.disputed(sale, status, withdrawn=withdrawn, provider_id="du_1"))
        return sale

    return make


def ended(reason: str, before: Callable[[Session, str], Sale] = opened) -> Callable[[Session, str], Sale]:
    """The order is over for this reason; its payment was closed, unless in review."""

    def make(session: Session, flow: str) -> Sale:
        sale = before(session, flow)
        services.end(session, orders.lock(session, sale.order_id), reason=reason)
        return sale

    return make


def sold_out(session: Session, flow: str) -> Sale:
    """It expired, and its stock is another's."""
    sale = ended("expired")(session, flow)
    inventory.reserve(session, holder_id=new_id(), quantities={sale.product.variant_id: 4})
    return sale


def paid_after(before: Callable[[Session, str], Sale]) -> Callable[[Session, str], Sale]:
    """The money came when it was not wanted any more, and is owed back."""

    def make(session: Session, flow: str) -> Sale:
        sale = before(session, flow)
        seen(session, sale, "succeeded")
        return sale

    return make


def given_back(session: Session, flow: str) -> Sale:
    """The money came when the order was cancelled, and is back with the buyer."""
    sale = paid_after(cancelling)(session, flow)
    change("UPDATE refunds SET status = 'succeeded', provider_id = 're_ours', succeeded_at = now()", session)
    services.restate(session, orders.lock(session, sale.order_id))
    return sale


def _shown(state: State, word: str, **changes: Any) -> State:
    return replace(state, order=(state.order[0], word, state.order[2]), **changes)


BACK = (PART, "USD", "provider")
ALL_BACK = (TOTAL, "USD", "provider")
IN_REVIEW = _shown(PENDING, "review", payments=["review"])
SOLD_OUT = ends(EXPIRED, stock=(5, 4))
MADE: dict[str, tuple[Callable[[Session, str], Sale], State]] = {
    "being opened": (unopened, ends(PENDING, payments=["creating"])),
    "open": (opened, PENDING),
    "declined": (declined, PENDING),
    "processing": (processing, _shown(PENDING, "processing", payments=["processing"])),
    "closed": (closed, ends(PENDING, payments=["cancelled"])),
    "being cancelled": (cancelling, PENDING),
    "in review": (in_review, IN_REVIEW),
    "paid": (paid, PAID),
    "packed": (moved_on("packed"), ends(PAID, order=("packed", "paid", None))),
    "shipped": (moved_on("shipped"), ends(PAID, order=("shipped", "paid", None))),
    "delivered": (moved_on("delivered"), ends(PAID, order=("delivered", "paid", None))),
    "paid by another": (paid_otherwise, ends(PAID, payments=["cancelled", "succeeded"])),
    "refund owed": (refund_owed, ends(PAID, refunds=[("owed", PART, *OWN)])),
    "refund pending": (refunded(PART, "pending"), ends(PAID, refunds=[("pending", *BACK)])),
    "refunded in part": (
        refunded(PART, "succeeded"),
        _shown(PAID, "partially_refunded", refunds=[("succeeded", *BACK)]),
    ),
    "refunded": (
        refunded(TOTAL, "succeeded"),
        _shown(PAID, "refunded", refunds=[("succeeded", *ALL_BACK)]),
    ),
    "refund failed": (refunded(PART, "pending", "failed"), ends(PAID, refunds=[("failed", *BACK)])),
    "disputed": (
        disputed("needs_response", withdrawn=True),
        _shown(PAID, "disputed", disputes=[("open", True)]),
    ),
    "dispute won": (disputed("won", withdrawn=False), ends(PAID, disputes=[("won", False)])),
    "dispute lost": (
        disputed("lost", withdrawn=True),
        _shown(PAID, "disputed", disputes=[("lost", True)]),
    ),
    "expired": (ended("expired"), EXPIRED),
    "expired, sold out": (sold_out, SOLD_OUT),
    "cancelled": (ended("buyer"), CANCELLED),
    "cancelled, in review": (
        ended("expired", in_review),
        ends(IN_REVIEW, order=("cancelled", "review", "expired"), reservations=["released"], stock=(5, 0)),
    ),
    "cancelled, money owed": (paid_after(cancelling), OWED),
    "unavailable, money owed": (
        paid_after(sold_out),
        ends(
            OWED,
            order=("cancelled", "paid", "unavailable"),
            stock=(5, 4),
            refunds=[("owed", TOTAL, "USD", "unavailable")],
        ),
    ),
    "cancelled, money back": (
        given_back,
        ends(
            OWED,
            order=("cancelled", "refunded", "buyer"),
            refunds=[("succeeded", TOTAL, "USD", "cancelled")],
        ),
    ),
}
"""How each comes to be, for either flow; and all of it."""
