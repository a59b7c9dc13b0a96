"""Everything that the provider may report, about an order in any state; and what has come of it, in words."""

from collections.abc import Callable
from typing import Any

from app.platform.ids import new_id
from tests.database import rows
from tests.provider import Json, Provider, refunded_charge, told_of
from tests.sales import DECLINE, TOTAL, Sale, State
from tests.steps import disputed, refunded

PART = 500
Report = tuple[str, Json]
Happening = Callable[[Sale, Provider], Report]
"""Makes something true at the provider; topic and object of its event."""


def _payment(status: str, **values: Any) -> Happening:
    def happen(sale: Sale, provider: Provider) -> Report:
        seen = sale.seen(status, **values)
        provider.keep(seen)
        return f"payment_intent.{status}", told_of(seen)

    return happen


def _page(status: str, **values: Any) -> Happening:
    def happen(sale: Sale, provider: Provider) -> Report:
        seen = sale.seen(status, session_id=sale.session_id, client_secret=None, **values)
        provider.keep(seen)
        return "checkout.session.changed", told_of(seen)

    return happen


def _stranger(*, names_us: bool) -> Happening:
    def happen(sale: Sale, provider: Provider) -> Report:
        ours = new_id() if names_us else None
        seen = sale.seen("succeeded", provider_id="pi_strange", payment_id=ours, order_id=ours)
        provider.keep(seen)
        return "payment_intent.succeeded", told_of(seen)

    return happen


def _taken(sale: Sale, provider: Provider) -> None:
    """Money can only go back when it was taken."""
    known = provider.payments.get(sale.provider_id)
    if known is None or known.status != "succeeded":
        provider.keep(sale.seen("succeeded"))


def _refund(status: str) -> Happening:
    def happen(sale: Sale, provider: Provider) -> Report:
        _taken(sale, provider)
        known = provider.refunds.get("re_1")
        seen = refunded(sale, status, provider_id="re_1", amount=known.amount if known else PART)
        provider.keep(seen)
        return "refund.updated", told_of(seen)

    return happen


def _all_refunded(sale: Sale, provider: Provider) -> Report:
    """All that is left goes back; the event is about the charge and names no refund."""
    _taken(sale, provider)
    gone = sum(each.amount for each in provider.refunds.values() if each.status != "failed")
    if gone < TOTAL:
        provider.keep(refunded(sale, "succeeded", provider_id="re_2", amount=TOTAL - gone))
    return "charge.refunded", refunded_charge(sale.provider_id, TOTAL)


def _dispute(status: str, *, withdrawn: bool) -> Happening:
    def happen(sale: Sale, provider: Provider) -> Report:
        _taken(sale, provider)
        seen = disputed(sale, status, withdrawn=withdrawn, provider_id="du_1")
        provider.keep(seen)
        return "charge.dispute.updated", told_of(seen)

    return happen


HAPPENINGS: dict[str, Happening] = {
    "succeeded": _payment("succeeded"),
    "declined": _payment("requires_payment_method", decline=DECLINE),
    "requires_action": _payment("requires_action"),
    "processing": _payment("processing"),
    "canceled": _payment("canceled"),
    "another amount": _payment("succeeded", amount=TOTAL + 1, amount_received=TOTAL + 1),
    "another currency": _payment("succeeded", currency="EUR"),
    "another order": _payment("succeeded", order_id=new_id()),
    "unknown to us": _stranger(names_us=True),
    "somebody else's": _stranger(names_us=False),
    "refund created": _refund("pending"),
    "refund succeeded": _refund("succeeded"),
    "refund failed": _refund("failed"),
    "charge refunded": _all_refunded,
    "dispute opened": _dispute("needs_response", withdrawn=False),
    "funds withdrawn": _dispute("needs_response", withdrawn=True),
    "lost": _dispute("lost", withdrawn=True),
    "won": _dispute("won", withdrawn=True),
    "funds reinstated": _dispute("won", withdrawn=False),
}
ON_THE_PAGE: dict[str, tuple[str, Happening]] = {
    "completed": ("succeeded", _page("succeeded")),
    "completed, unpaid": ("processing", _page("processing")),
    "expired": ("canceled", _page("canceled")),
    "async payment failed": ("canceled", _page("canceled", decline=DECLINE)),
}
"""What a hosted page reports, and as what of an intent it counts."""


def known_there(sale: Sale) -> Provider:
    """The provider as our books have it: the payment, and the refunds that it has made."""
    provider = Provider()
    ((status,),) = rows("SELECT status FROM payments WHERE id = :id", id=sale.payment_id)
    received = {"amount_received": 1} if status == "review" else {}
    provider.keep(sale.seen(THERE.get(status, "requires_payment_method"), **received))
    made = "SELECT provider_id, status, amount FROM refunds WHERE payment_id = :id"
    for provider_id, refund_status, amount in rows(f"{made} AND provider_id IS NOT NULL", id=sale.payment_id):
        provider.keep(refunded(sale, refund_status, provider_id=provider_id, amount=amount))
    return provider


THERE = {
    "succeeded": "succeeded",
    "review": "succeeded",
    "cancelled": "canceled",
    "processing": "processing",
}
"""The provider's word for a payment that has this status here."""


def in_words(before: State, after: State, outcome: str) -> str:
    """All that has changed, and nothing else, as docs/states.md says it; else what became of the report."""
    word = OUTCOMES.get(outcome, outcome)
    found = [
        *_changes(("order", "because of"), before.order[::2], after.order[::2]),
        *(f"payment {new}" for old, new in zip(before.payments, after.payments, strict=True) if old != new),
        *_of_stock(before, after),
        *(f"refund of {_coins(row[1])} {row[0]}, {row[3]}" for row in _new(before.refunds, after.refunds)),
        *(
            f"dispute {status}, money {'gone' if gone else 'here'}"
            for status, gone in _new(before.disputes, after.disputes)
        ),
        *([word] if word == "waits" else []),
        *_changes(("shown as",), before.order[1:2], after.order[1:2]),
    ]
    said = "; ".join(found)
    for words, short in SHORT.items():
        said = said.replace(words, short)
    return said or word


def _changes(names: tuple[str, ...], before: tuple[Any, ...], after: tuple[Any, ...]) -> list[str]:
    return [f"{name} {new}" for name, old, new in zip(names, before, after, strict=True) if old != new]


def _of_stock(before: State, after: State) -> list[str]:
    if (before.reservations, before.stock) == (after.reservations, after.stock):
        return []
    return [f"units {' then '.join(after.reservations)}, {after.stock[0]} left, {after.stock[1]} held"]


def _new(before: list[Any], after: list[Any]) -> list[Any]:
    return [row for row in after if row not in before]


def _coins(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


OUTCOMES = {"applied": "noted", "unchanged": "–", "later": "waits"}
SHORT = {
    "order paid; payment succeeded; units committed, 3 left, 0 held": "**paid**",
    "order paid; because of None; payment succeeded; units released then committed, 3 left, 0 held": (
        "**paid late**"
    ),
    "order cancelled; because of buyer; payment succeeded; units released, 5 left, 0 held": "**called off**",
    "because of unavailable; payment succeeded": "**unavailable**",
    ", provider": "",
}
"""What is said often, in a word that docs/states.md explains."""
