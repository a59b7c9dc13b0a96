"""Our copy of the payment methods that users have saved: made anew from the provider's whole list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.services import lock_if_kept
from app.payments.events import SyncRequested
from app.payments.gateway.protocol import ProviderMethod
from app.payments.models import ProviderCustomer, SavedMethod
from app.payments.services.asking import Gaps
from app.payments.services.wallets import lock_wallet, remove_all
from app.platform.db import locked, now

MOST_ASKS = 20
"""After so many lists without it, a method that somebody began to save is not looked out for any more."""


@dataclass(frozen=True, slots=True)
class Question:
    """A list to ask the provider for, and the moment before which it is not older."""

    user_id: UUID
    provider_id: str
    moment: datetime


def question(session: Session, user_id: UUID) -> Question | None:
    """What to ask the provider about the user's methods; None while it knows no such customer."""
    mine = select(ProviderCustomer.provider_id).where(ProviderCustomer.user_id == user_id)
    provider_id = session.scalar(mine)
    return Question(user_id, provider_id, now(session)) if provider_id else None


def record(session: Session, asked: Question, seen: Sequence[ProviderMethod] | None) -> None:
    """Make our copy what the provider's list says, oldest first; None: there is no such customer any more.

    A list that was asked for before the one that our copy was made of changes nothing. What its owner has
    removed stays removed. The first method that is saved is the default. What comes after its owner has
    deleted the account is removed at once, there as well. Locks the account, then the wallet.
    """
    is_kept = lock_if_kept(session, asked.user_id)
    customer = lock_wallet(session, asked.user_id)
    if customer is None or customer.provider_id != asked.provider_id:
        return
    if customer.seen_at is not None and customer.seen_at > asked.moment:
        return
    if seen is None:
        session.delete(customer)
        return
    known = _drop_gone(session, customer, {method.provider_id for method in seen})
    if any(method.provider_id not in known for method in seen):
        customer.ask_after = None  # what was looked out for has come
    is_first = all(row.removed_at for row in known.values())
    for method in seen:
        row = known.get(method.provider_id)
        if row is None:
            row = SavedMethod(customer_id=customer.id, provider_id=method.provider_id, is_default=is_first)
            session.add(row)
            is_first = False
        _copy(row, method)
    customer.seen_at = asked.moment
    if not is_kept:
        session.flush()
        remove_all(session, asked.user_id)


def _drop_gone(session: Session, customer: ProviderCustomer, there: set[str]) -> dict[str, SavedMethod]:
    """The rows of what is still there; the others are deleted, at once: one of them may be the default."""
    rows = session.scalars(select(SavedMethod).where(SavedMethod.customer_id == customer.id)).all()
    for row in rows:
        if row.provider_id not in there:
            session.delete(row)
    session.flush()
    return {row.provider_id: row for row in rows if row.provider_id in there}


def _copy(row: SavedMethod, method: ProviderMethod) -> None:
    row.type, row.brand, row.last4 = method.kind, method.brand, method.last4
    row.exp_month, row.exp_year = method.exp_month, method.exp_year


def to_remove(session: Session, method_id: UUID) -> str | None:
    """The provider's id of a method that its owner has removed; None when it is gone already."""
    removed = (SavedMethod.id == method_id, SavedMethod.removed_at.is_not(None))
    return session.scalar(select(SavedMethod.provider_id).where(*removed))


def request_sync(session: Session, provider_id: str) -> bool:
    """Owe a new copy to a worker when this is a customer of ours; whether it is."""
    known = select(ProviderCustomer.user_id).where(ProviderCustomer.provider_id == provider_id)
    user_id = session.scalar(known)
    if user_id is not None:
        publish(session, SyncRequested(user_id=user_id))
    return user_id is not None


def look_out(session: Session, gaps: Gaps, *, limit: int) -> None:
    """Have the provider asked about up to `limit` users who are saving a method, where it is time.

    Each is due again after a gap that doubles, until it has been asked about often enough. Safe in parallel.
    """
    due = select(ProviderCustomer.id).where(ProviderCustomer.ask_after <= func.now()).limit(limit)
    free = locked(due, skip_locked=True).cte("free")  # runs once, so that the limit is one
    asks = ProviderCustomer.asks + 1
    gap = func.least(gaps.longest, gaps.first * func.power(2, asks))
    next_at = case((asks < MOST_ASKS, func.now() + gap), else_=None)
    taken = update(ProviderCustomer).where(ProviderCustomer.id.in_(select(free.c.id)))
    asked = taken.values(asks=asks, ask_after=next_at).returning(ProviderCustomer.user_id)
    for user_id in session.scalars(asked).all():
        publish(session, SyncRequested(user_id=user_id))
