"""Products on the wire."""

from marshmallow import fields

from app.catalog.schemas.categories import CategorySchema
from app.platform.schemas import MoneySchema, StrictSchema


class RatingSchema(StrictSchema):
    """What buyers think."""

    average = fields.Float(allow_none=True)
    count = fields.Integer()


class ListedProductSchema(StrictSchema):
    """A product as lists show it; `price` is its lowest."""

    id = fields.UUID()
    slug = fields.String(metadata={"example": "garden-chair"})
    name = fields.String(metadata={"example": "Garden chair"})
    brand = fields.String(allow_none=True)
    price = fields.Nested(MoneySchema, allow_none=True)
    available = fields.Boolean()
    image = fields.String(allow_none=True)
    rating = fields.Nested(RatingSchema)


class ProductsSchema(StrictSchema):
    """A page of products."""

    items = fields.List(fields.Nested(ListedProductSchema))
    next_cursor = fields.String(allow_none=True)


class VariantSchema(StrictSchema):
    """One thing that can be put into a cart; `available` is in units."""

    id = fields.UUID()
    sku = fields.String(metadata={"example": "CHAIR-RED"})
    name = fields.String()
    price = fields.Nested(MoneySchema)
    compare_at_price = fields.Nested(MoneySchema, allow_none=True)
    available = fields.Integer()
    weight_grams = fields.Integer(allow_none=True)
    attributes = fields.Dict()


class SellerSchema(StrictSchema):
    """Who sells it."""

    id = fields.UUID()
    name = fields.String()


class ImageSchema(StrictSchema):
    """A picture of the product."""

    url = fields.String()
    alt = fields.String(allow_none=True)
    primary = fields.Boolean()


class DeliverySchema(StrictSchema):
    """How long it takes: `lead_days` from an order before `cutoff`."""

    lead_days = fields.Integer(allow_none=True)
    cutoff = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class ProductSchema(ListedProductSchema):
    """A product with everything about it."""

    description = fields.String()
    status = fields.String()
    featured = fields.Boolean()
    seller = fields.Nested(SellerSchema)
    categories = fields.List(fields.Nested(CategorySchema))
    attributes = fields.Dict()
    delivery_information = fields.Nested(DeliverySchema, allow_none=True)
    variants = fields.List(fields.Nested(VariantSchema))
    images = fields.List(fields.Nested(ImageSchema))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AdminProductSchema(ProductSchema):
    """A product with all its texts."""

    translations = fields.Dict()


class AdminListedProductSchema(ListedProductSchema):
    """A product as the list of admins shows it."""

    status = fields.String()
    featured = fields.Boolean()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AdminProductsSchema(StrictSchema):
    """A page of products of any status."""

    items = fields.List(fields.Nested(AdminListedProductSchema))
    next_cursor = fields.String(allow_none=True)
