"""Whose endpoints a request is about: a third party's, a seller's, or, for who operates the shop, all."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.auth import ApiClient, owner, principal
from app.identity.queries import api_key
from app.webhooks.queries import Owner


def endpoint_owner() -> Owner:
    """Whose they are."""
    known = principal()
    client_id = known.client_id if isinstance(known, ApiClient) else None
    return Owner(client_id=client_id, seller_id=owner())


def notified_user(session: Session) -> UUID:
    """Who is told when something is wrong: the user, the seller of a key, or who made the key."""
    known = principal()
    if not isinstance(known, ApiClient):
        return known.user_id
    return known.seller_id or api_key(session, known.client_id).created_by
