"""What is sent with a picture, and to change how it is shown."""

from marshmallow import fields, validate

from app.platform.schemas import StrictSchema, Text, whole_number
from app.platform.uploads import FileContent

LAST_POSITION = 1_000_000


class PictureBody(StrictSchema):
    """A JPEG, PNG, WebP or AVIF file."""

    file = FileContent(required=True)


class ImageBody(PictureBody):
    """A picture, and how it is shown: `alt` says what there is to see, for those who do not see it."""

    alt = Text(most=300, load_default=None)
    primary = fields.Boolean(load_default=False)
    position = fields.Integer(load_default=None, validate=validate.Range(0, LAST_POSITION))


class ImageChange(StrictSchema):
    """What to change of how it is shown; what is left out stays."""

    alt = Text(most=300, allow_none=True, metadata={"example": "A red chair, seen from the left"})
    primary = fields.Boolean()
    position = whole_number(0, LAST_POSITION)


class CategoryUploadSchema(StrictSchema):
    """What was taken on: `GET /v1/admin/uploads/{id}` tells what became of it."""

    id = fields.UUID()
