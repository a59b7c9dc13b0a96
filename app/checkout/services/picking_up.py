"""Orders that their buyers come for, instead of having them sent."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.services import users
from app.platform.db import Json
from app.platform.errors import Invalid
from app.platform.party import Party
from app.stores import services as stores


@dataclass(frozen=True, slots=True)
class PickUp:
    """Where an order waits for its buyer: the store as orders remember it, and its address in their name."""

    store: Json
    address: Json


def pick_up(session: Session, store_id: UUID, *, by: Party, billing_address: Json | None) -> PickUp:
    """Where this buyer will pick an order up, in the name of the bill, else in that of their account.

    Raises Invalid for a store that hands no orders over, and for a guest without a billing address.
    """
    store = stores.pickup_at(session, store_id)
    name = billing_address["name"] if billing_address else _name(session, by)
    return PickUp(store, {**store["address"], "name": name, "company": store["name"], "phone": None})


def _name(session: Session, buyer: Party) -> str:
    if buyer.user_id is None:
        raise Invalid(
            "Who comes for it?", errors={"billing_address": ["Guests have to give one to pick an order up."]}
        )
    return users.contact(session, buyer.user_id).full_name
