"""What the process says of itself."""

from marshmallow import fields

from app.platform.schemas import StrictSchema


class LinksSchema(StrictSchema):
    """Where to go from here."""

    docs = fields.String(metadata={"example": "/docs/"})
    openapi = fields.String(metadata={"example": "/openapi.json"})
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
