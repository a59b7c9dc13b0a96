"""Reviews: written, changed, judged and deleted. The product's rating changes in the same transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.errors import OwnProduct, ReviewExists
from app.catalog.events import ReviewsChanged
from app.catalog.models import Product, Purchase, Review
from app.catalog.queries.ratings import average_of
from app.catalog.services import listings
from app.catalog.services.showing import show_product_anew
from app.events.services import publish
from app.identity.services import lock_owner
from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.ids import new_id


def write_review(
    session: Session,
    product_id: UUID,
    user_id: UUID,
    *,
    rating: int,
    title: str,
    comment: str,
    moderated: bool,
) -> UUID:
    """Note what a user thinks of a product; answers the review's id. `moderated` ones wait to be published.

    Locks the account. Raises ReviewExists, NotFound for a product that is not offered, OwnProduct for one
    that the user sells, and NotAuthenticated when the account is closed meanwhile.
    """
    lock_owner(session, user_id)
    offered = select(Product.seller_id).where(Product.id == product_id, Product.status == "active")
    seller_id = session.scalar(offered)
    if seller_id is None:
        raise NotFound("There is no such product.")
    if seller_id == user_id:
        raise OwnProduct("You sell this product: let others say what they think of it.")
    row = insert(Review).values(
        id=new_id(),
        product_id=product_id,
        user_id=user_id,
        rating=rating,
        title=title,
        comment=comment,
        status="pending" if moderated else "published",
    )
    added = row.on_conflict_do_nothing(constraint="uq_reviews_product_id_user_id").returning(Review)
    review = session.scalars(added).one_or_none()
    if review is None:
        raise ReviewExists(
            "You have reviewed this product: change that review.",
            review_id=_id_of(session, product_id, user_id),
        )
    _count(session, review, before=0)
    return review.id


def change_review(
    session: Session, review_id: UUID, user_id: UUID, changes: dict[str, Any], *, moderated: bool
) -> None:
    """Set rating, title or comment of the user's own review. Raises NotFound. Locks review and product.

    It waits to be published again if it is `moderated`, or was rejected; one that waits goes on waiting.
    """
    review = _lock(session, Review.id == review_id, Review.user_id == user_id)
    before = _stars(review)
    for name, value in changes.items():
        setattr(review, name, value)
    if moderated or review.status != "published":
        review.status, review.reject_reason = "pending", None
    _count(session, review, before=before)


def delete_review(session: Session, review_id: UUID, user_id: UUID) -> None:
    """Remove the user's own review for good. Raises NotFound. Locks review and product."""
    _remove(session, _lock(session, Review.id == review_id, Review.user_id == user_id))


def publish_review(session: Session, review_id: UUID) -> None:
    """Show a review to everybody. Repeating changes nothing. Raises NotFound. Locks review and product."""
    _judge(session, review_id, "published", None)


def reject_review(session: Session, review_id: UUID, *, reason: str) -> None:
    """Keep a review from everybody but its author, who is told the reason.

    Repeating sets the reason. Raises NotFound. Locks review and product.
    """
    _judge(session, review_id, "rejected", reason)


def forget_user(session: Session, user_id: UUID) -> None:
    """Delete all that a user has written, and what was delivered to them. Repeating changes nothing.

    Locks the reviews, then their products, by ascending id of the product.
    """
    written = select(Review).where(Review.user_id == user_id).order_by(Review.product_id)
    for review in session.scalars(locked(written)).all():
        _remove(session, review)
    session.execute(delete(Purchase).where(Purchase.user_id == user_id))


def _judge(session: Session, review_id: UUID, status: str, reason: str | None) -> None:
    review = _lock(session, Review.id == review_id)
    before = _stars(review)
    review.status, review.reject_reason = status, reason
    _count(session, review, before=before)


def _remove(session: Session, review: Review) -> None:
    before = _stars(review)
    session.delete(review)
    session.flush()
    _weigh(session, review, before=before, after=0)


def _stars(review: Review) -> int:
    """What the review adds to its product's rating; 0 when nobody sees it."""
    return review.rating if review.status == "published" else 0


def _count(session: Session, review: Review, *, before: int) -> None:
    session.flush()
    _weigh(session, review, before=before, after=_stars(review))


def _weigh(session: Session, review: Review, *, before: int, after: int) -> None:
    """Have the product's rating follow what a locked review added to it and adds now.

    The change is relative, made by one statement: of two at once none is lost.
    """
    if not before and not after:
        return
    if before != after:
        rating = {
            "rating_sum": Product.rating_sum + (after - before),
            "rating_count": Product.rating_count + (bool(after) - bool(before)),
            "updated_at": Product.updated_at,  # what the shop says of it is the same
        }
        rated = update(Product).where(Product.id == review.product_id).values(**rating)
        stars, count = session.execute(rated.returning(Product.rating_sum, Product.rating_count)).one()
        listings.rate(session, review.product_id, average=average_of(stars, count), count=count)
    show_product_anew(session, review.product_id)
    publish(session, ReviewsChanged(product_id=review.product_id, review_id=review.id))


def _lock(session: Session, *which: ColumnElement[bool]) -> Review:
    review = session.scalars(locked(select(Review).where(*which))).one_or_none()
    if review is None:
        raise NotFound("There is no such review.")
    return review


def _id_of(session: Session, product_id: UUID, user_id: UUID) -> str:
    own = select(Review.id).where(Review.product_id == product_id, Review.user_id == user_id)
    return str(session.scalar(own))
