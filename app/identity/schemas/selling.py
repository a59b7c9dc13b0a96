"""Applications of those who want to sell, on the wire."""

from marshmallow import fields, validate

from app.identity.models import APPLICATION_STATES
from app.platform.schemas import Line, PageQuery, StrictSchema, Text


class ApplicationBody(StrictSchema):
    """Under which name somebody wants to sell, and what."""

    shop_name = Line(most=100, required=True, metadata={"example": "Ada's garden"})
    text = Text(most=2000, required=True, metadata={"example": "Chairs and tables, made in my workshop."})


class ApplicationSchema(StrictSchema):
    """An application and what became of it."""

    id = fields.UUID()
    shop_name = fields.String()
    text = fields.String()
    status = fields.String(validate=validate.OneOf(APPLICATION_STATES))
    reject_reason = fields.String(allow_none=True)
    created_at = fields.DateTime()
    decided_at = fields.DateTime(allow_none=True)


class SellerApplicationSchema(ApplicationSchema):
    """The same, for those who decide."""

    user_id = fields.UUID()


class SellerApplicationsSchema(StrictSchema):
    """A page of applications, the oldest first."""

    items = fields.List(fields.Nested(SellerApplicationSchema))
    next_cursor = fields.String(allow_none=True)


class ApplicationsQuery(PageQuery):
    """Which applications to look at."""

    status = fields.String(load_default="pending", validate=validate.OneOf(APPLICATION_STATES))


class ApplicationRejectionBody(StrictSchema):
    """Why somebody may not sell here; they are told."""

    reason = Text(most=500, required=True, metadata={"example": "We sell nothing that has to be kept cold."})
