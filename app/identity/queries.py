"""Reading accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, any_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.identity.models import SELLERS, Address, ApiKey, SellerApplication, User, UserSession
from app.platform.db import locked, table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    user_id: UUID
    password_hash: str
    active: bool


def credentials(session: Session, email: str) -> Credentials | None:
    """The credentials of the account with this address, in its normal spelling."""
    statement = select(User.id, User.password_hash, User.status == "active").where(User.email == email)
    row = session.execute(statement).one_or_none()
    return Credentials(*row) if row else None


def profile(session: Session, user_id: UUID) -> User:
    """An existing account."""
    return session.get_one(User, user_id)


def user(session: Session, user_id: UUID) -> User:
    """An account. Raises NotFound."""
    found = session.get(User, user_id)
    if found is None:
        raise NotFound("There is no such user.")
    return found


def users(
    session: Session,
    *,
    q: str | None,
    role: str | None,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Page[User]:
    """Accounts, newest first; `q` is a part of the address or the name."""
    statement = select(User).order_by(User.created_at.desc(), User.id.desc()).limit(limit + 1)
    if q is not None:
        fits = (column.icontains(q, autoescape=True) for column in (User.email, User.full_name))
        statement = statement.where(or_(*fits))
    if role is not None:
        statement = statement.where(User.role == role)
    if status is not None:
        statement = statement.where(User.status == status)
    if before is not None:
        statement = statement.where(tuple_(User.created_at, User.id) < before)
    rows: Sequence[User] = session.scalars(statement).all()
    return paged(rows, limit, lambda each: [each.created_at, each.id])


def name_scope(user_id: UUID | str) -> str:
    """What a finished answer that shows a user's name is made of."""
    return f"name:{user_id}"


def names() -> Subquery:
    """Columns `user_id` and `full_name` of every user, for others to join."""
    return select(User.id.label("user_id"), User.full_name).subquery("names")


def admins_with(session: Session, permission: str) -> Sequence[UUID]:
    """The active admins who hold a permission; who was given none in particular holds all."""
    return session.scalars(select(User.id).where(User.status == "active", _is_admin_with(permission))).all()


def _is_admin_with(permission: str) -> ColumnElement[bool]:
    held = or_(User.permissions.is_(None), literal(permission) == any_(User.permissions))
    return and_(User.role == "admin", held)


def seller_names() -> Subquery:
    """Columns `user_id` and `name` of every user: that of the shop, where they have one."""
    users = table_of(User).c
    name = func.coalesce(users.shop_name, users.full_name).label("name")
    return select(users.id.label("user_id"), name).subquery("seller_names")


def known_sellers(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are of accounts that may have articles."""
    return set(session.scalars(select(User.id).where(User.id.in_(ids), User.role.in_(SELLERS))))


def addresses(session: Session, user_id: UUID, *, kind: str | None = None) -> Sequence[Address]:
    """The user's address book, or its entries of one type: the defaults first, then the newest."""
    mine = select(Address).where(Address.user_id == user_id)
    if kind is not None:
        mine = mine.where(Address.type == kind)
    newest_first = mine.order_by(Address.is_default.desc(), Address.id.desc())
    return session.scalars(newest_first).all()


def address(session: Session, user_id: UUID, address_id: UUID) -> Address:
    """One entry of the user's own address book. Raises NotFound."""
    mine = select(Address).where(Address.id == address_id, Address.user_id == user_id)
    found = session.scalars(mine).one_or_none()
    if found is None:
        raise NotFound("There is no such address in your address book.")
    return found


def api_keys(session: Session, *, before: tuple[datetime, UUID] | None, limit: int) -> Page[ApiKey]:
    """API keys, newest first, those that have ended included."""
    statement = select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit + 1)
    if before is not None:
        statement = statement.where(tuple_(ApiKey.created_at, ApiKey.id) < before)
    rows: Sequence[ApiKey] = session.scalars(statement).all()
    return paged(rows, limit, lambda key: [key.created_at, key.id])


def api_key(session: Session, key_id: UUID, *, lock: bool = False) -> ApiKey:
    """An API key, locked on demand. Raises NotFound."""
    statement = select(ApiKey).where(ApiKey.id == key_id)
    key = session.scalars(locked(statement) if lock else statement).one_or_none()
    if key is None:
        raise NotFound("There is no such API key.")
    return key


def clients_let_in(session: Session, client_ids: Collection[UUID]) -> set[UUID]:
    """Those third parties that have a key which opens something now."""
    valid = (ApiKey.revoked_at.is_(None), ApiKey.expires_at > func.now())
    return set(session.scalars(select(ApiKey.client_id).where(ApiKey.client_id.in_(client_ids), *valid)))


def active_sellers(session: Session, user_ids: Collection[UUID]) -> set[UUID]:
    """Those users who may sell now."""
    sell = (User.status == "active", User.role.in_(SELLERS))
    return set(session.scalars(select(User.id).where(User.id.in_(user_ids), *sell)))


def deleted_users() -> Subquery:
    """Column `user_id` of every account that was deleted, for others to go by."""
    return select(User.id.label("user_id")).where(User.deleted_at.is_not(None)).subquery("deleted_users")


def latest_application(session: Session, user_id: UUID) -> SellerApplication:
    """The last application of a user. Raises NotFound."""
    mine = select(SellerApplication).where(SellerApplication.user_id == user_id)
    newest_first = mine.order_by(SellerApplication.created_at.desc(), SellerApplication.id.desc())
    return _application(session.scalars(newest_first.limit(1)).one_or_none())


def application(session: Session, application_id: UUID, *, lock: bool = False) -> SellerApplication:
    """An application, locked on demand. Raises NotFound."""
    statement = select(SellerApplication).where(SellerApplication.id == application_id)
    return _application(session.scalars(locked(statement) if lock else statement).one_or_none())


def _application(found: SellerApplication | None) -> SellerApplication:
    if found is None:
        raise NotFound("There is no such application.")
    return found


def applications(
    session: Session, *, status: str, after: tuple[datetime, UUID] | None, limit: int
) -> Page[SellerApplication]:
    """Applications of one status, the oldest first: who has waited longest comes first."""
    table = SellerApplication
    statement = select(table).where(table.status == status).order_by(table.created_at, table.id)
    if after is not None:
        statement = statement.where(tuple_(table.created_at, table.id) > after)
    rows: Sequence[SellerApplication] = session.scalars(statement.limit(limit + 1)).all()
    return paged(rows, limit, lambda each: [each.created_at, each.id])


def standing(session: Session, logins: Collection[UUID], *, operating: Collection[UUID] = ()) -> set[UUID]:
    """Those of the sessions that are good still; of the `operating`, only where an admin may see orders."""
    may = _is_admin_with("orders")
    good = (
        select(UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.id.in_(logins), User.status == "active", UserSession.revoked_at.is_(None))
        .where(UserSession.expires_at > func.now(), or_(UserSession.id.not_in(operating), may))
    )
    return set(session.scalars(good))
