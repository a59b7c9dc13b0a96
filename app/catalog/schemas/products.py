"""Products on the wire."""

from marshmallow import fields, validate

from app.catalog.queries.facets import FACETS
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


class FacetValueSchema(StrictSchema):
    """How many products have this value; `more` says that there may be more of them.

    `value` is what the filter takes; a category has a name, too, and a price is a range of minor units, the
    last one without an end.
    """

    value = fields.Raw(
        metadata={"type": ["string", "boolean", "integer"], "example": "Sit & Co", "x-optional": True}
    )
    name = fields.String(metadata={"x-optional": True})
    min_price = fields.Integer(metadata={"x-optional": True})
    max_price = fields.Integer(allow_none=True, metadata={"x-optional": True})
    count = fields.Integer()
    more = fields.Boolean()


class ProductsSchema(StrictSchema):
    """A page of products."""

    items = fields.List(fields.Nested(ListedProductSchema))
    next_cursor = fields.String(allow_none=True)
    facets = fields.Dict(
        keys=fields.String(validate=validate.OneOf(FACETS)),
        values=fields.List(fields.Nested(FacetValueSchema)),
        metadata={"x-optional": True, "description": "Those that were asked for"},
    )


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


class ListPriceSchema(StrictSchema):
    """What a unit costs in another currency than the shop's own."""

    price = fields.Nested(MoneySchema)
    compare_at_price = fields.Nested(MoneySchema, allow_none=True)


class AdminVariantSchema(VariantSchema):
    """A variant with its prices in other currencies."""

    prices = fields.List(fields.Nested(ListPriceSchema))


class SellerSchema(StrictSchema):
    """Who sells it."""

    id = fields.UUID()
    name = fields.String()


class ImageSizeSchema(StrictSchema):
    """One size of a picture: what its address shows never changes."""

    name = fields.String(metadata={"example": "small"})
    url = fields.String()
    width = fields.Integer()
    height = fields.Integer()


class ImageSchema(StrictSchema):
    """A picture of the product. `url` is its largest size; width and height are those of the original."""

    id = fields.UUID()
    url = fields.String()
    alt = fields.String(allow_none=True)
    primary = fields.Boolean()
    width = fields.Integer()
    height = fields.Integer()
    sizes = fields.List(fields.Nested(ImageSizeSchema))


class AdminImageSchema(ImageSchema):
    """The same, with what became of the file: it has no address before it is `ready`."""

    url = fields.String(allow_none=True)
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    position = fields.Integer()
    status = fields.String(metadata={"example": "ready"})
    refusal = fields.String(allow_none=True, metadata={"example": "broken"})


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
    """A product with all its texts and prices, and the images that nobody sees yet."""

    images = fields.List(fields.Nested(AdminImageSchema))
    variants = fields.List(fields.Nested(AdminVariantSchema))
    tax_category = fields.String(metadata={"example": "standard"})
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
