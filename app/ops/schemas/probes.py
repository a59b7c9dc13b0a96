"""What the process says of itself."""

from marshmallow import fields
from marshmallow.validate import OneOf

from app.platform.schemas import StrictSchema

STATUSES = ("ok", "degraded", "failed")


class LinksSchema(StrictSchema):
    """Where to go from here."""

    docs = fields.String(metadata={"example": "/docs/", "x-optional": True})
    openapi = fields.String(metadata={"example": "/openapi.json", "x-optional": True})
    health = fields.String(metadata={"example": "/health"})
    products = fields.String(metadata={"example": "/v1/products"})


class AboutSchema(StrictSchema):
    """What this is."""

    name = fields.String(metadata={"example": "Backroom"})
    version = fields.String(metadata={"example": "0.1.0"})
    links = fields.Nested(LinksSchema)


class HealthSchema(StrictSchema):
    """Alive."""

    status = fields.String(metadata={"example": "ok"})


class ReadinessSchema(StrictSchema):
    """What was looked at, each with its own status, and the worst of all."""

    status = fields.String(validate=OneOf(STATUSES), metadata={"example": "ok"})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String()),
        metadata={"example": {"database": {"status": "ok"}, "cache": {"status": "ok"}}},
    )
