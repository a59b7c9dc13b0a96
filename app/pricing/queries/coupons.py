"""Reading coupons: as a buyer meets one, and for those who make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, case, func, select
from sqlalchemy.orm import Session

from app.catalog.queries.shelves import shelves
from app.platform.db import locked, table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.pricing.models.coupons import Coupon, CouponCustomer, CouponUse
from app.pricing.states import CATEGORIES, RESERVED


@dataclass(frozen=True, slots=True)
class Asked:
    """A coupon as it stands for one purchase, at this moment of the database's clock.

    `shelved` are the products of the purchase that stand in the coupon's categories. `taken` counts the uses
    that others have, `taken_by_customer` the customer's own; what an open order of the same cart has, in
    neither.
    """

    coupon: Coupon
    is_early: bool
    is_over: bool
    shelved: frozenset[UUID]
    taken: int
    taken_by_customer: int


def ask(
    session: Session, code: str, *, customer: str | None, cart_id: UUID | None, product_ids: Sequence[UUID]
) -> Asked | None:
    """The coupon of this code, which is in capitals, for one purchase; None if there is none.

    Of a customer whom nobody knows yet, none has been used.
    """
    purchase = {"its_code": code, "asking": customer, "from_cart": cart_id, "products": list(product_ids)}
    row = session.execute(_asking(), purchase).one_or_none()
    if row is None:
        return None
    coupon, is_early, is_over, shelved, own, by_customer = row
    taken = coupon.reserved + coupon.used - own
    return Asked(
        coupon, bool(is_early), bool(is_over), frozenset(shelved), taken, max(0, (by_customer or 0) - own)
    )


@cache
def _asking() -> Select[Any]:
    uses, customers, shelf = table_of(CouponUse).c, table_of(CouponCustomer).c, shelves()
    inside = select(shelf.c.product_id).where(
        shelf.c.category_id == any_(Coupon.scope_ids),
        shelf.c.product_id == any_(bindparam("products", type_=ARRAY(Uuid))),
    )
    shelved = case((Coupon.scope == CATEGORIES, func.array(inside.scalar_subquery())), else_=[])
    own = select(func.count()).where(
        uses.coupon_id == Coupon.id,
        uses.cart_id == bindparam("from_cart", type_=Uuid),
        uses.status == RESERVED,
    )
    of_customer = select(customers.reserved + customers.used).where(
        customers.coupon_id == Coupon.id, customers.customer == bindparam("asking")
    )
    return select(
        Coupon,
        Coupon.starts_at > func.now(),
        Coupon.ends_at <= func.now(),
        shelved,
        own.scalar_subquery(),
        of_customer.scalar_subquery(),
    ).where(Coupon.code == bindparam("its_code"))


def coupons(session: Session, *, code: str | None, before: UUID | None, limit: int) -> Page[Coupon]:
    """All coupons, the newest first, or the one of a code."""
    statement = select(Coupon)
    if code is not None:
        statement = statement.where(Coupon.code == code.upper())
    if before is not None:
        statement = statement.where(Coupon.id < before)
    rows = session.scalars(statement.order_by(Coupon.id.desc()).limit(limit + 1)).all()
    return paged(rows, limit, lambda coupon: [coupon.id])


def coupon(session: Session, coupon_id: UUID, *, lock: bool = False) -> Coupon:
    """One coupon. Raises NotFound."""
    one = select(Coupon).where(Coupon.id == coupon_id)
    found = session.scalars(locked(one) if lock else one).one_or_none()
    if found is None:
        raise NotFound("There is no such coupon.")
    return found


def uses(
    session: Session, coupon_id: UUID, *, status: str | None, before: UUID | None, limit: int
) -> Page[CouponUse]:
    """The orders that a coupon was used for, those that came last first, of one status or of all."""
    statement = select(CouponUse).where(CouponUse.coupon_id == coupon_id)
    if status is not None:
        statement = statement.where(CouponUse.status == status)
    if before is not None:
        statement = statement.where(CouponUse.id < before)
    rows = session.scalars(statement.order_by(CouponUse.id.desc()).limit(limit + 1)).all()
    return paged(rows, limit, lambda use: [use.id])
