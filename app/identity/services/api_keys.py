"""API keys of third parties. The secret is told once, to who makes the key; only its hash is kept."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import ApiKeyEnded
from app.identity.events import ApiKeyMade, ApiKeyReplaced, ApiKeyRevoked
from app.identity.models import SELLER_SCOPES, ApiKey
from app.identity.queries import api_key
from app.identity.services.users import may_sell
from app.platform.errors import Invalid
from app.platform.ids import new_id
from app.platform.tokens import new_token, stored_form


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key, and all of its text: what the third party sends, and nobody can be told again."""

    row: ApiKey
    text: str


def make(
    session: Session,
    *,
    name: str,
    scopes: list[str],
    seller_id: UUID | None,
    lifetime: timedelta,
    made_by: UUID,
) -> NewKey:
    """Let a third party in, for `lifetime`; with a `seller_id` only to what is that seller's.

    Each call makes another one. Raises Invalid when that is nobody who may sell, or a scope is about more.
    """
    if seller_id is not None:
        _check_seller(session, seller_id, scopes)
    first_id = new_id()
    row = ApiKey(id=first_id, client_id=first_id, name=name, scopes=sorted(set(scopes)), seller_id=seller_id)
    return _add(session, row, lifetime=lifetime, made_by=made_by)


def replace(
    session: Session, key_id: UUID, *, overlap: timedelta, lifetime: timedelta, made_by: UUID
) -> NewKey:
    """Make another key for the same third party, with the same scopes; the old one ends after `overlap`.

    Each call makes another one. Locks the old key. Raises NotFound, and ApiKeyEnded for one that opens
    nothing any more.
    """
    has_ended = or_(ApiKey.revoked_at.is_not(None), ApiKey.expires_at <= func.now())
    old = api_key(session, key_id, lock=True)
    if session.scalar(select(has_ended).where(ApiKey.id == key_id)):
        raise ApiKeyEnded("The key is revoked or expired. Make a new one.")
    row = ApiKey(
        id=new_id(), client_id=old.client_id, name=old.name, scopes=old.scopes, seller_id=old.seller_id
    )
    made = _add(session, row, lifetime=lifetime, made_by=made_by)
    ending = update(ApiKey).where(ApiKey.id == key_id)
    session.execute(ending.values(expires_at=func.least(ApiKey.expires_at, func.now() + overlap)))
    publish(session, ApiKeyReplaced(key_id=key_id, by_key_id=row.id))
    return made


def revoke(session: Session, key_id: UUID) -> ApiKey:
    """End a key, from the commit on; answers it. Repeating changes nothing. Raises NotFound."""
    key = api_key(session, key_id, lock=True)
    if key.revoked_at is None:
        key.revoked_at = session.scalars(select(func.now())).one()
        publish(session, ApiKeyRevoked(key_id=key_id))
    return key


def _check_seller(session: Session, seller_id: UUID, scopes: list[str]) -> None:
    if not may_sell(session, seller_id):
        raise Invalid("This is no seller.", errors={"seller_id": ["No active account of a seller."]})
    of_all = sorted(set(scopes).difference(SELLER_SCOPES))
    if of_all:
        why = f"{', '.join(of_all)} would be about the whole shop: leave it out, or the seller_id."
        raise Invalid("A key of one seller opens only what is this seller's.", errors={"scopes": [why]})


def _add(session: Session, row: ApiKey, *, lifetime: timedelta, made_by: UUID) -> NewKey:
    secret = new_token()
    row.prefix, row.secret_hash = f"bk_{secrets.token_hex(6)}", stored_form(secret)
    row.created_by, row.expires_at = made_by, session.scalars(select(func.now() + lifetime)).one()
    session.add(row)
    session.flush()
    session.refresh(row)
    publish(session, ApiKeyMade(key_id=row.id, client_id=row.client_id))
    return NewKey(row, f"{row.prefix}_{secret}")
