"""Reports on the wire."""

from marshmallow import fields, validate

from app.platform.schemas import StrictSchema


class DataExportSchema(StrictSchema):
    """What the shop knows of the caller, once it is gathered."""

    id = fields.UUID()
    status = fields.String(validate=validate.OneOf(("pending", "ready")))
    requested_at = fields.DateTime()
    ready_at = fields.DateTime(allow_none=True)
    content = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict()),
        allow_none=True,
        metadata={"description": "Rows by what they are about, such as orders"},
    )
