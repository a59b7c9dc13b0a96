"""What may be asked of a list of products."""

from marshmallow import fields, validate

from app.catalog.models import STATUSES
from app.catalog.queries.listing import SORTS
from app.platform.money import LARGEST_AMOUNT
from app.platform.schemas import PageQuery, Text


class ProductsQuery(PageQuery):
    """Which products, and in which order. Prices are minor units of the lowest price."""

    sort = fields.String(load_default="newest", validate=validate.OneOf(SORTS))
    category = Text(most=100, metadata={"description": "Slug or id; its descendants are included"})
    brand = Text(most=100)
    min_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    max_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    in_stock = fields.Boolean()
    featured = fields.Boolean()
    seller = fields.UUID()


class AdminProductsQuery(ProductsQuery):
    """The same, for any status."""

    status = fields.String(validate=validate.OneOf(STATUSES))
