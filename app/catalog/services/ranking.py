"""How popular listings are among all, which decides where search looks first. Nothing here commits."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session

from app.catalog.models import LAST_TIER, TIERS, Listing
from app.catalog.queries.scopes import LISTINGS
from app.platform.cache.changes import changed

STEP = 20_000
"""How many listings one transaction ranks."""


def end_of_step(session: Session, after: UUID | None) -> UUID | None:
    """The last of the `STEP` listings that come `after` this id, None when there are fewer."""
    ids = select(Listing.product_id).order_by(Listing.product_id).offset(STEP - 1).limit(1)
    return session.scalars(ids.where(Listing.product_id > after) if after else ids).one_or_none()


def within(column: Any, after: UUID | None, last: UUID | None) -> list[ColumnElement[bool]]:
    """That a product is in the step that begins after one id, or with the first, and ends with another."""
    return [*([column > after] if after else ()), *([column <= last] if last else ())]


def rank(session: Session, sold: Select[UUID, int], *, after: UUID | None, last: UUID | None) -> None:
    """Set the popularity of a step's listings to the units `sold`, which is by product id, or to 0.

    Their tiers follow from how all listings stand now, and so come closer to the truth each time.
    Locks the listings that change.
    """
    changed(session, LISTINGS)
    counted = sold.subquery("counted")
    product_id, units = counted.c
    popularity = func.coalesce(units, 0)
    tier = _tier(session, tuple_(popularity, Listing.product_id))
    fresh = (
        select(Listing.product_id, popularity.label("popularity"), tier.label("tier"))
        .outerjoin(counted, product_id == Listing.product_id)
        .where(*within(Listing.product_id, after, last))
        .subquery("fresh")
    )
    is_other = or_(Listing.popularity != fresh.c.popularity, Listing.tier != fresh.c.tier)
    session.execute(
        update(Listing)
        .where(Listing.product_id == fresh.c.product_id, is_other)
        .values(popularity=fresh.c.popularity, tier=fresh.c.tier),
        execution_options={"synchronize_session": False},
    )


def _tier(session: Session, position: ColumnElement[Any]) -> ColumnElement[int]:
    """In which tier a listing at this position is, among those that are there now."""
    order = Listing.popularity.desc(), Listing.product_id.desc()
    cases: list[tuple[ColumnElement[bool], int]] = []
    for tier, size in enumerate(TIERS):
        last = session.execute(
            select(Listing.popularity, Listing.product_id).order_by(*order).offset(size - 1).limit(1)
        ).one_or_none()
        if last is None:  # the shop is smaller than this
            return case(*cases, else_=tier) if cases else literal(tier)
        cases.append((position >= tuple_(*last), tier))
    return case(*cases, else_=LAST_TIER)
