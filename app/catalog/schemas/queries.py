"""What may be asked of a list of products."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.catalog.models import STATUSES
from app.catalog.queries.admin_listing import SORTS
from app.catalog.queries.facets import FACETS
from app.catalog.queries.sorts import ORDERS, RELEVANCE
from app.platform.money import LARGEST_AMOUNT
from app.platform.schemas import PageQuery, StrictSchema, Text, currency_code

MOST_ATTRIBUTES = 5
LONGEST_ATTRIBUTE = 265
"""What may be stored: a name of 64, and a value of 200; and the colon."""


class _Filters(PageQuery):
    """Which products. Prices are minor units of the lowest price."""

    category = Text(most=100, metadata={"description": "Slug or id; its descendants are included"})
    brand = Text(most=100)
    min_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    max_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    in_stock = fields.Boolean()
    featured = fields.Boolean()
    seller = fields.UUID()


class AdminProductsQuery(_Filters):
    """Which products of any status, and in which order."""

    sort = fields.String(load_default="newest", validate=validate.OneOf(SORTS))
    status = fields.String(validate=validate.OneOf(STATUSES))


class SellerProductsQuery(AdminProductsQuery):
    """The same, for the caller's own."""

    class Meta(AdminProductsQuery.Meta):
        exclude = ("seller",)


class AttributeField(Text):
    """An attribute and its value, like color:red; it becomes the pair of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=LONGEST_ATTRIBUTE, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        name, _, wanted = text.partition(":")
        if not name or not wanted or len(text) > LONGEST_ATTRIBUTE:  # validators see the pair
            raise ValidationError(f"Must be like color:red, of {LONGEST_ATTRIBUTE} letters at most.")
        return name, wanted


class FacetsField(Text):
    """Names of facets, separated by commas; it becomes a list of them, each once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        names = list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs).split(",")))
        if not FACETS.keys() >= set(names):
            raise ValidationError(f"Must be some of {', '.join(FACETS)}, separated by commas.")
        return names


class ProductQuery(StrictSchema):
    """How to show a product."""

    currency = currency_code(
        load_default=None,
        metadata={"example": None, "description": "Show what has a price in it, for that price"},
    )


class ProductsQuery(_Filters):
    """Which products, and in which order.

    In another `currency` it is those that have a price in it, at that price; what compares prices goes by
    those in the shop's own currency all the same.
    """

    currency = currency_code(metadata={"example": None})

    q = Text(most=200, metadata={"description": "Words that are all in it; the last one may be unfinished"})
    sort = fields.String(
        validate=validate.OneOf((*ORDERS, RELEVANCE)),
        metadata={"description": "Without it by relevance if there is a `q`, else the newest first"},
    )
    attribute = fields.List(
        AttributeField(metadata={"example": "color:red"}),
        validate=validate.Length(1, MOST_ATTRIBUTES),
        metadata={"description": "A value that an attribute of the product or of a variant has; repeatable"},
    )

    facets = FacetsField(
        metadata={"description": "Also count the matches by these", "example": "brand,category,price"}
    )

    @validates_schema
    def check_relevance(self, query: dict[str, Any], **_: Any) -> None:
        """Relevance is to something."""
        if query.get("sort") == RELEVANCE and "q" not in query:
            raise ValidationError("Needs a q.", "sort")
