"""The address book: where its owner wants goods and bills to be sent."""

from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.errors import AddressBookFull
from app.identity.models import Address
from app.identity.services.standing import lock_owner
from app.platform.db import Json
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.postal_rules import checked

MOST_ADDRESSES = 100
POSTAL = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")


def add(session: Session, user_id: UUID, *, kind: str, is_default: bool | None, postal: Json) -> Address:
    """Write an address into the user's book; unless said otherwise, the first of its type is the default.

    A default takes the place of the one before. Locks the user. Raises AddressBookFull, NotAuthenticated when
    the account is closed meanwhile, and Invalid when the address is none of its country.
    """
    _lock_book(session, user_id)
    mine = queries.addresses(session, user_id)
    if len(mine) >= MOST_ADDRESSES:
        raise AddressBookFull(f"Your address book has {MOST_ADDRESSES} addresses. Remove one first.")
    if is_default is None:
        is_default = not any(known.is_default and known.type == kind for known in mine)
    entry = Address(id=new_id(), user_id=user_id, type=kind, is_default=is_default, **checked(postal))
    if is_default:
        _clear_default(session, user_id, kind)
    session.add(entry)
    session.flush()
    return entry


def change(session: Session, user_id: UUID, address_id: UUID, changes: Json) -> Address:
    """Set the given fields of an entry, which must fit its country then; answers the entry after it.

    One that is, or becomes, the default takes the place of the one before. Locks the user. Raises NotFound,
    NotAuthenticated when the account is closed meanwhile, and Invalid.
    """
    _lock_book(session, user_id)
    entry = queries.address(session, user_id, address_id)
    kind, is_default = changes.get("type", entry.type), changes.get("is_default", entry.is_default)
    values = {"type": kind, "is_default": is_default, "updated_at": func.now()}
    if not changes.keys().isdisjoint(POSTAL):  # a rule that is new must not keep an old entry from anything
        values |= checked({name: changes.get(name, getattr(entry, name)) for name in POSTAL})
    if is_default:
        _clear_default(session, user_id, kind)
    changed = update(Address).where(Address.id == entry.id).values(values).returning(Address)
    return session.scalars(changed.execution_options(populate_existing=True)).one()


def remove(session: Session, user_id: UUID, address_id: UUID) -> None:
    """Take an entry out of the user's book; orders keep their copies. Raises NotFound."""
    mine = delete(Address).where(Address.id == address_id, Address.user_id == user_id)
    if session.scalar(mine.returning(Address.id)) is None:
        raise NotFound("There is no such address in your address book.")


def copy_of(session: Session, user_id: UUID, address_id: UUID) -> Json:
    """An address of the user's own book, as an order keeps it. Raises NotFound."""
    entry = queries.address(session, user_id, address_id)
    return {name: getattr(entry, name) for name in POSTAL}


def _lock_book(session: Session, user_id: UUID) -> None:
    """One change of a book at a time: its size and its defaults are looked at before they are written."""
    lock_owner(session, user_id)


def _clear_default(session: Session, user_id: UUID, kind: str) -> None:
    former = update(Address).where(Address.user_id == user_id, Address.type == kind, Address.is_default)
    session.execute(former.values(is_default=False))
