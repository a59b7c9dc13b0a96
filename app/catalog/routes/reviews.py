"""What buyers think of products."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.errors import OwnProduct, ReviewExists
from app.catalog.queries import reviews
from app.catalog.queries.scopes import product_scope
from app.catalog.schemas.reviews import (
    ReviewBody,
    ReviewChange,
    ReviewsSchema,
    WholeReviewSchema,
    WholeReviewsSchema,
)
from app.identity.auth import caller, public, requires
from app.identity.queries import name_scope
from app.platform.cache.answers import cached, made_of
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.schemas import PageQuery
from app.platform.settings import settings

blueprint = Blueprint("Reviews", __name__, url_prefix="/v1", description="What buyers think of products.")


@blueprint.route("/products/<reference>/reviews", methods=["GET"])
@cached()
@public
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ReviewsSchema)
def list_reviews(query: dict[str, Any], reference: str) -> Page[Any]:
    """What is published about a product, by its id or slug, newest first."""
    with transaction() as session:
        product_id = reviews.reviewed_product(session, reference)
        page = reviews.of_product(session, product_id, **query)
    made_of(product_scope(product_id), *(name_scope(each.user_id) for each in page.items))
    return page


@blueprint.route("/products/<reference>/reviews", methods=["POST"])
@requires()
@idempotent
@blueprint.arguments(ReviewBody)
@blueprint.response(201, WholeReviewSchema)
@problems(ReviewExists, OwnProduct)
def write_review(body: dict[str, Any], reference: str, *, session: Session) -> Any:
    """Say what you think of a product, once. Where reviews are moderated, it waits to be published."""
    product_id = reviews.reviewed_product(session, reference)
    moderated = settings().reviews_moderated
    review_id = services.write_review(session, product_id, caller().user_id, **body, moderated=moderated)
    return reviews.review(session, review_id)


@blueprint.route("/users/me/reviews", methods=["GET"])
@requires()
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, WholeReviewsSchema)
def list_own_reviews(query: dict[str, Any]) -> Page[Any]:
    """What the caller has written, newest first, with what became of it."""
    with transaction() as session:
        return reviews.of_user(session, caller().user_id, **query)


@blueprint.route("/reviews/<uuid:review_id>", methods=["PATCH"])
@requires()
@blueprint.arguments(ReviewChange(partial=True))
@blueprint.response(200, WholeReviewSchema)
def change_review(body: dict[str, Any], review_id: UUID) -> Any:
    """Change what is given of an own review. Where reviews are moderated, it waits again."""
    moderated = settings().reviews_moderated
    with transaction() as session:
        services.change_review(session, review_id, caller().user_id, body, moderated=moderated)
        return reviews.review(session, review_id)


@blueprint.route("/reviews/<uuid:review_id>", methods=["DELETE"])
@requires()
@blueprint.response(204)
def delete_review(review_id: UUID) -> None:
    """Delete an own review."""
    with transaction() as session:
        services.delete_review(session, review_id, caller().user_id)
