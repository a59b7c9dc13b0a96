"""Reviews on the wire."""

from marshmallow import fields, validate

from app.catalog.models import REVIEW_STATES
from app.platform.schemas import PageQuery, StrictSchema, Text, whole_number


class ReviewChange(StrictSchema):
    """What to change of a review; what is left out stays. Plain text."""

    rating = whole_number(1, 5, required=True, metadata={"example": 5})
    title = Text(least=0, most=120, load_default="", metadata={"example": "Sits well"})
    comment = Text(least=0, most=5000, load_default="", metadata={"example": "Sturdy, and quick to put up."})


class ReviewBody(ReviewChange):
    """What somebody thinks of a product: 1 star to 5, and why. Plain text."""


class ReviewSchema(StrictSchema):
    """What a buyer thinks. `verified_purchase`: the product was delivered to them."""

    id = fields.UUID()
    rating = fields.Integer()
    title = fields.String()
    comment = fields.String()
    author = fields.String(metadata={"example": "Ada Lovelace"})
    verified_purchase = fields.Boolean()
    created_at = fields.DateTime()


class ReviewsSchema(StrictSchema):
    """A page of reviews, newest first."""

    items = fields.List(fields.Nested(ReviewSchema))
    next_cursor = fields.String(allow_none=True)


class WholeReviewSchema(ReviewSchema):
    """A review as its author and moderators see it."""

    product_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(REVIEW_STATES))
    reject_reason = fields.String(allow_none=True)
    updated_at = fields.DateTime()


class WholeReviewsSchema(StrictSchema):
    """A page of reviews of any status, newest first."""

    items = fields.List(fields.Nested(WholeReviewSchema))
    next_cursor = fields.String(allow_none=True)


class ModerationQuery(PageQuery):
    """Which reviews to look at."""

    status = fields.String(load_default="pending", validate=validate.OneOf(REVIEW_STATES))


class RejectionBody(StrictSchema):
    """Why a review is not shown; its author reads it."""

    reason = Text(most=500, required=True, metadata={"example": "It is about the delivery, not the chair."})
