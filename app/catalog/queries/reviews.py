"""Reading reviews: one statement per page, with names and whether the author was delivered the product."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select, tuple_
from sqlalchemy.orm import Session

from app.catalog.models import Product, Purchase, Review
from app.catalog.queries.references import refers_to
from app.identity.queries import names
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged, read_cursor

_AUTHORS = names()
_VERIFIED = (
    exists()
    .where(Purchase.user_id == Review.user_id, Purchase.product_id == Review.product_id)
    .label("verified_purchase")
)
_REVIEWS = select(
    Review.id,
    Review.product_id,
    Review.rating,
    Review.title,
    Review.comment,
    Review.status,
    Review.reject_reason,
    Review.created_at,
    Review.updated_at,
    _AUTHORS.c.user_id,
    _AUTHORS.c.full_name.label("author"),
    _VERIFIED,
).join(_AUTHORS, _AUTHORS.c.user_id == Review.user_id)


def reviewed_product(session: Session, reference: str) -> UUID:
    """The id of an active product by id or slug. Raises NotFound."""
    offered = select(Product.id).where(refers_to(Product, reference), Product.status == "active")
    product_id = session.scalar(offered)
    if product_id is None:
        raise NotFound("There is no such product.")
    return product_id


def of_product(session: Session, product_id: UUID, *, cursor: str | None, limit: int) -> Page[Any]:
    """What is published of a product, newest first."""
    shown = (Review.product_id == product_id, Review.status == "published")
    return _page(session, _REVIEWS.where(*shown), cursor, limit)


def of_user(session: Session, user_id: UUID, *, cursor: str | None, limit: int) -> Page[Any]:
    """All that a user has written, newest first."""
    return _page(session, _REVIEWS.where(Review.user_id == user_id), cursor, limit)


def in_state(session: Session, status: str, *, cursor: str | None, limit: int) -> Page[Any]:
    """Reviews of one status, newest first."""
    return _page(session, _REVIEWS.where(Review.status == status), cursor, limit)


def review(session: Session, review_id: UUID) -> Any:
    """One review. Raises NotFound."""
    return _one(session, Review.id == review_id)


def _one(session: Session, which: ColumnElement[bool]) -> Any:
    row = session.execute(_REVIEWS.where(which)).one_or_none()
    if row is None:
        raise NotFound("There is no such review.")
    return row


def _page(session: Session, statement: Select[Any], cursor: str | None, limit: int) -> Page[Any]:
    position = tuple_(Review.created_at, Review.id)
    if before := read_cursor(cursor, datetime.fromisoformat, UUID):
        statement = statement.where(position < before)
    newest_first = statement.order_by(Review.created_at.desc(), Review.id.desc())
    rows = session.execute(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda row: (row.created_at, row.id))
