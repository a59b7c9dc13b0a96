"""Keeping the stores."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.services import users
from app.platform import postal_rules
from app.platform.db import Json, locked
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id
from app.stores.models import Store
from app.stores.queries import Found


def open_store(session: Session, facts: Mapping[str, Any]) -> Found:
    """Add a store. Raises Invalid for a postal address, a phone number or a mail address that cannot be."""
    store = Store(id=new_id(), is_active=True, offers_pickup=True)
    _take_over(store, facts)
    session.add(store)
    session.flush()
    return Found(store)


def change_store(session: Session, store_id: UUID, changes: Mapping[str, Any]) -> Found:
    """Change what is given; orders that are picked up there keep what they were told. Locks the store.

    Raises NotFound, and Invalid as above.
    """
    store = session.scalars(locked(select(Store).where(Store.id == store_id))).one_or_none()
    if store is None:
        raise NotFound("There is no such store.")
    _take_over(store, changes)
    session.flush()
    session.refresh(store)
    return Found(store)


def pickup_at(session: Session, store_id: UUID) -> Json:
    """What an order remembers of the store where it is picked up. Raises Invalid unless it can be."""
    is_open = Store.is_active & Store.offers_pickup
    store = session.scalars(select(Store).where(Store.id == store_id, is_open)).one_or_none()
    if store is None:
        raise Invalid(
            "Nothing can be picked up there.",
            errors={"pickup_store_id": ["No store of this id has orders picked up."]},
        )
    names = ("name", "address", "latitude", "longitude", "phone", "email", "hours")
    return {"id": str(store.id)} | {name: getattr(store, name) for name in names}


def _take_over(store: Store, facts: Mapping[str, Any]) -> None:
    for name, fact in facts.items():
        setattr(store, name, fact)
    if facts.get("email") is not None:
        store.email = users.normal_email(facts["email"])
    if facts.keys() & {"address", "phone"}:
        known = postal_rules.checked(store.address | {"phone": store.phone})
        store.phone = known.pop("phone")
        store.address = known
