"""Reviews for those who say which of them are shown."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.catalog import services
from app.catalog.queries import reviews
from app.catalog.schemas.reviews import ModerationQuery, RejectionBody, WholeReviewSchema, WholeReviewsSchema
from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.pagination import Page

blueprint = Blueprint(
    "Moderation",
    __name__,
    url_prefix="/v1/admin/reviews",
    description="Which reviews everybody sees.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(ModerationQuery, location="query")
@blueprint.response(200, WholeReviewsSchema)
def list_reviews(query: dict[str, Any]) -> Page[Any]:
    """Reviews of one status, newest first: those that wait, unless another is asked for."""
    with transaction() as session:
        return reviews.in_state(session, **query)


@blueprint.route("/<uuid:review_id>/publish", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.response(200, WholeReviewSchema)
def publish_review(review_id: UUID, *, session: Session) -> Any:
    """Show a review to everybody, also one that was rejected before."""
    services.publish_review(session, review_id)
    return reviews.review(session, review_id)


@blueprint.route("/<uuid:review_id>/reject", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(RejectionBody)
@blueprint.response(200, WholeReviewSchema)
def reject_review(body: dict[str, Any], review_id: UUID, *, session: Session) -> Any:
    """Show a review to nobody but its author, who reads the reason; also one that was published."""
    services.reject_review(session, review_id, **body)
    return reviews.review(session, review_id)
