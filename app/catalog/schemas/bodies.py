"""What admins and sellers send to make and change products."""

from marshmallow import fields, validate

from app.catalog.models import STATUSES
from app.catalog.schemas.fields import Whole, attributes, slug, translations
from app.catalog.services.variants import MOST_VARIANTS
from app.platform.money import LARGEST_AMOUNT
from app.platform.schemas import MoneySchema, Slug, StrictSchema, Text, whole_number

MOST_CURRENCIES = 150


class PriceSchema(MoneySchema):
    """What a unit costs: more than nothing."""

    amount = whole_number(1, LARGEST_AMOUNT, required=True, metadata={"example": 1999})


class DeliveryBody(StrictSchema):
    """How long it takes: `lead_days` from an order before `cutoff`."""

    lead_days = whole_number(0, 365, allow_none=True, load_default=None)
    cutoff = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z", error="Must be a time like 14:30."),
    )
    note = Text(most=500, allow_none=True, load_default=None)


class ListPriceBody(StrictSchema):
    """What a unit costs in another currency than the shop's own."""

    price = Whole(PriceSchema, required=True)
    compare_at_price = Whole(PriceSchema, allow_none=True, load_default=None)


class VariantChange(StrictSchema):
    """What to change of a variant; what is left out stays. A SKU is for ever."""

    name = Text(allow_none=True, load_default=None)
    price = Whole(PriceSchema, required=True)
    compare_at_price = Whole(PriceSchema, allow_none=True, load_default=None)
    prices = fields.List(
        Whole(ListPriceBody),
        load_default=list,
        validate=validate.Length(max=MOST_CURRENCIES),
        metadata={"example": [], "description": "In other currencies than the shop's own, all at once"},
    )
    weight_grams = whole_number(0, 10_000_000, allow_none=True, load_default=None)
    attributes = attributes()
    position = whole_number(0, 1_000_000, load_default=0)


class VariantBody(VariantChange):
    """What a variant is made of."""

    sku = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9._-]{1,64}\Z", error="Must be 1 to 64 letters, digits, dots, lines or dashes."
        ),
        metadata={"example": "CHAIR-RED"},
    )


class SellerProductChange(StrictSchema):
    """What its seller may change of a product; what is left out stays."""

    name = Text(required=True)
    slug = slug()
    description = Text(least=0, most=20_000, load_default="")
    brand = Text(most=100, allow_none=True, load_default=None)
    category_id = fields.UUID(allow_none=True, load_default=None)
    status = fields.String(validate=validate.OneOf(STATUSES), load_default="draft")
    attributes = attributes()
    delivery_information = Whole(DeliveryBody, allow_none=True, load_default=None)
    tax_category = Slug(most=40, example="standard", load_default="standard")
    translations = translations()


class ProductChange(SellerProductChange):
    """What to change of a product; what is left out stays."""

    featured = fields.Boolean(load_default=False)


class SellerProductBody(SellerProductChange):
    """What a product of the caller's is made of. Without a slug it gets one from its name."""

    slug = slug(load_default=None)
    variants = fields.List(Whole(VariantBody), load_default=list, validate=validate.Length(max=MOST_VARIANTS))


class ProductBody(SellerProductBody, ProductChange):
    """What a product is made of. Without a slug it gets one from its name, without a seller the caller."""

    seller_id = fields.UUID(load_default=None)
