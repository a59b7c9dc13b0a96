"""Categories on the wire."""

from marshmallow import fields

from app.catalog.schemas.fields import slug, translations
from app.platform.schemas import StrictSchema, Text, whole_number


class CategorySchema(StrictSchema):
    """A category in the caller's language."""

    id = fields.UUID()
    slug = fields.String()
    name = fields.String()
    description = fields.String()
    image = fields.String(allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    path = fields.String(metadata={"example": "garden/garden-chairs"})


class CategoriesSchema(StrictSchema):
    """A page of categories."""

    items = fields.List(fields.Nested(CategorySchema))
    next_cursor = fields.String(allow_none=True)


class AdminCategorySchema(CategorySchema):
    """A category with all its texts."""

    position = fields.Integer()
    translations = fields.Dict()


class AdminCategoriesSchema(StrictSchema):
    """A page of categories with all their texts."""

    items = fields.List(fields.Nested(AdminCategorySchema))
    next_cursor = fields.String(allow_none=True)


class CategoryBody(StrictSchema):
    """What a category is made of. Without a slug it gets one from its name."""

    name = Text(required=True)
    slug = slug(load_default=None)
    description = Text(least=0, most=20_000, load_default="")
    parent_id = fields.UUID(allow_none=True, load_default=None)
    position = whole_number(0, 1_000_000, load_default=0)
    translations = translations()


class CategoryChange(CategoryBody):
    """What to change of a category; what is left out stays."""

    slug = slug()
