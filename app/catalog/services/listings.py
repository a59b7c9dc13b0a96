"""Keeping what lists and search read: see `models.Listing`. Nothing here commits."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.catalog.events import CategoryMoved, RebuildContinued
from app.catalog.models import Listing, Product, Variant
from app.catalog.queries.references import within_category
from app.catalog.queries.scopes import LISTINGS, product_scope
from app.catalog.queries.sources import LEARN_WORDS, REMOVE_UNLISTED, WRITE_LISTED
from app.catalog.services.showing import show_anew, show_product_anew
from app.events.services import publish
from app.inventory.queries import availability
from app.platform.db import locked

STEP = 500
"""How many products one transaction makes anew."""


def refresh(session: Session, product_ids: Collection[UUID]) -> None:
    """Make the listings of these products what follows from their rows now; of some there may be none.

    Repeating changes nothing. Locks the products by ascending id, so that of two that refresh the same one
    the later sees all that the earlier saw. Six statements, however many products.
    """
    show_anew(session, LISTINGS, *map(product_scope, product_ids))
    _write(session, product_ids)


def _write(session: Session, product_ids: Collection[UUID]) -> None:
    session.flush()
    ids = list(product_ids)
    session.execute(locked(select(Product.id).where(Product.id.in_(ids)).order_by(Product.id)))
    variants = session.scalars(
        select(Variant.id).where(Variant.product_id.in_(ids), Variant.archived_at.is_(None))
    ).all()
    units = availability(session, variants)
    known = {"ids": ids, "in_stock": [variant for variant, available in units.items() if available > 0]}
    session.execute(REMOVE_UNLISTED, {"ids": ids})
    session.execute(WRITE_LISTED, known)
    session.execute(LEARN_WORDS, {"ids": ids})


def refresh_of_variants(session: Session, variant_ids: Collection[UUID]) -> None:
    """The same for the products of these variants; those that are gone are left out."""
    owners = select(Variant.product_id).where(Variant.id.in_(variant_ids)).distinct()
    refresh(session, session.scalars(owners).all())


def rate(session: Session, product_id: UUID, *, average: Decimal, count: int) -> None:
    """Note what buyers think of a product: an average of 1 to 5, or 0 of 0 ratings.

    Nothing happens while it is not listed: the `refresh` that lists it takes what its row says. Locks the
    listing.
    """
    show_product_anew(session, product_id, LISTINGS)
    rated = update(Listing).where(Listing.product_id == product_id)
    session.execute(rated.values(rating_average=average, rating_count=count))


def refresh_branch(session: Session, category_id: UUID, after: UUID | None = None) -> None:
    """Refresh what is in this category and below it: the `STEP` products that come `after` this id.

    The first ones for None. When there may be more, the backroom is owed the next step.
    """
    step = _refresh_step(session, select(Product.id).where(within_category(str(category_id))), after)
    if len(step) == STEP:
        publish(session, CategoryMoved(category_id=category_id, after=step[-1]))


def rebuild(session: Session, after: UUID | None = None) -> bool:
    """The same for all products, listed or not; the answer is whether there may be more."""
    step = refresh_next(session, after)
    if len(step) < STEP:
        return False
    publish(session, RebuildContinued(after=step[-1]))
    return True


def refresh_next(session: Session, after: UUID | None) -> Sequence[UUID]:
    """Refresh the `STEP` products that come `after` this id, and answer their ids; none at the end."""
    return _refresh_step(session, select(Product.id), after)


def _refresh_step(session: Session, which: Select[UUID], after: UUID | None) -> Sequence[UUID]:
    step = which.order_by(Product.id).limit(STEP)
    ids = session.scalars(step.where(Product.id > after) if after else step).all()
    if ids:
        show_anew(session, LISTINGS)  # where products stand, not what their pages show
        _write(session, ids)
    return ids
