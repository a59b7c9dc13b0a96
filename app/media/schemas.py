"""Uploads on the wire."""

from marshmallow import fields, validate

from app.media.queries import address
from app.media.states import MOVES, REFUSALS
from app.platform.schemas import StrictSchema


class SizeSchema(StrictSchema):
    """One size of a picture: what its address shows never changes."""

    name = fields.String(metadata={"example": "small"})
    url = fields.Function(lambda size: address(size["key"]), metadata={"type": "string"})
    width = fields.Integer()
    height = fields.Integer()


class OriginalSchema(StrictSchema):
    """The file as it came: the address opens it to whoever has it, until `expires_at`."""

    url = fields.String()
    expires_at = fields.DateTime()


class UploadSchema(StrictSchema):
    """What became of a file: it has sizes to show when it is `ready`; `refusal` says why it never will."""

    id = fields.UUID()
    subject_kind = fields.String(metadata={"example": "product"})
    subject_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(list(MOVES)))
    refusal = fields.String(allow_none=True, validate=validate.OneOf(REFUSALS))
    content_type = fields.String(metadata={"example": "image/jpeg"})
    byte_size = fields.Integer()
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    sizes = fields.List(fields.Nested(SizeSchema))
    created_at = fields.DateTime()


class UploadWithOriginalSchema(UploadSchema):
    """The same, with a way to the original."""

    original = fields.Nested(OriginalSchema)


class LinkQuery(StrictSchema):
    """What a link to an original brings along: until when it is good, and that we made it."""

    expires = fields.Integer(required=True, validate=validate.Range(0, 2**40))
    signature = fields.String(required=True, validate=validate.Length(1, 100))
