"""Making coupons, and changing what may still be changed of them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.queries.shelves import known_categories, known_products
from app.identity.queries import known_sellers
from app.platform.db import Json, now
from app.platform.errors import Invalid
from app.platform.ids import new_id
from app.platform.money import Money
from app.pricing.errors import CodeTaken, CouponLimitTooLow
from app.pricing.models.coupons import Coupon
from app.pricing.queries.coupons import coupon as find
from app.pricing.services.coupons.giving import normal
from app.pricing.states import AMOUNT, CATEGORIES, EVERYTHING, PERCENTAGE, PRODUCTS, SELLERS

_KNOWN: Mapping[str, Callable[[Session, Collection[UUID]], set[UUID]]] = {
    CATEGORIES: known_categories,
    PRODUCTS: known_products,
    SELLERS: known_sellers,
}


def create(
    session: Session,
    *,
    code: str,
    kind: str,
    basis_points: int | None = None,
    amount: Money | None = None,
    minimum: Money | None = None,
    currency: str | None = None,
    scope: str = EVERYTHING,
    scope_ids: Collection[UUID] = (),
    **terms: Any,
) -> Coupon:
    """A new coupon; `terms` are the columns that `change` may change later.

    Raises CodeTaken, and Invalid for values that do not fit together or name what is not there.
    """
    _check_value(kind, basis_points, amount)
    _check_scope(session, scope, scope_ids)
    _check_window(terms)
    facts: Json = {
        "code": normal(code),
        "kind": kind,
        "basis_points": basis_points,
        "amount": amount and amount.amount,
        "minimum_amount": minimum and minimum.amount,
        "currency": _one_currency(currency, amount, minimum),
        "scope": scope,
        "scope_ids": sorted(set(scope_ids)),
    }
    row = insert(Coupon).values(id=new_id(), **facts, **terms)
    made = session.scalars(
        row.on_conflict_do_nothing(index_elements=["code"]).returning(Coupon)
    ).one_or_none()
    if made is None:
        raise CodeTaken(f"There is a coupon {facts['code']} already.")
    return made


def change(session: Session, coupon_id: UUID, changes: Mapping[str, Any]) -> Coupon:
    """Change note, time, limits, or whether it is active. Repeating changes nothing. Locks the coupon.

    Orders that have it keep it. Raises NotFound, CouponLimitTooLow, and Invalid for a window without time.
    """
    coupon = find(session, coupon_id, lock=True)
    window = {name: getattr(coupon, name) for name in ("starts_at", "ends_at")}
    _check_window({**window, **changes})
    limit, taken = changes.get("uses_limit"), coupon.reserved + coupon.used
    if limit is not None and limit < taken:
        raise CouponLimitTooLow(f"{taken} uses are taken: fewer cannot be allowed.", taken=taken)
    for name, value in changes.items():
        setattr(coupon, name, value)
    coupon.updated_at = now(session)
    session.flush()
    return coupon


def _check_value(kind: str, basis_points: int | None, amount: Money | None) -> None:
    given = {"basis_points": basis_points is not None, "amount": amount is not None}
    wanted = {"basis_points": kind == PERCENTAGE, "amount": kind == AMOUNT}
    errors = {
        name: [f"Has to be given for {kind}." if wanted[name] else f"Means nothing for {kind}."]
        for name in given
        if given[name] != wanted[name]
    }
    if amount is not None and not amount.amount:
        errors |= {"amount": ["Must be above 0."]}
    if errors:
        raise Invalid("The coupon's value does not fit its kind.", errors=errors)


def _one_currency(currency: str | None, *amounts: Money | None) -> str | None:
    named = {each.currency for each in amounts if each is not None} | ({currency} if currency else set())
    if len(named) > 1:
        raise Invalid(
            "A coupon is of one currency.", errors={"currency": [f"Several are given: {sorted(named)}."]}
        )
    return next(iter(named), None)


def _check_scope(session: Session, scope: str, ids: Collection[UUID]) -> None:
    if (scope == EVERYTHING) == bool(ids):
        raise Invalid(
            "What the coupon is for does not fit its scope.",
            errors={"scope_ids": ["Name some, unless the scope is all."]},
        )
    unknown = set(ids) - _KNOWN[scope](session, ids) if ids else set()
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise Invalid(f"Some of the {scope} are not there.", errors={"scope_ids": [f"Not known: {names}."]})


def _check_window(terms: Mapping[str, Any]) -> None:
    starts_at, ends_at = terms.get("starts_at"), terms.get("ends_at")
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        raise Invalid("The coupon would never be good.", errors={"ends_at": ["Must be after starts_at."]})
