"""Shipping zones and rates on the wire, for those who run the shop."""

from itertools import pairwise
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.platform.money import LARGEST_AMOUNT
from app.platform.schemas import StrictSchema, Text, country_code, currency_code, whole_number

CODE = r"^[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?\Z"
MOST_GRAMS = 1_000_000_000
MOST_DAYS = 365
MOST_PLACES = 1_000


class PlaceSchema(StrictSchema):
    """A country, one of its regions, or where postal codes begin alike; a null country is everywhere else."""

    country = country_code(required=True, allow_none=True)
    region = Text(most=60, load_default=None, allow_none=True, metadata={"example": "OR"})
    postal_prefix = Text(most=20, load_default=None, allow_none=True, metadata={"example": None})

    @validates_schema
    def check_place(self, data: dict[str, Any], **_: Any) -> None:
        """Places are one inside the other."""
        if data.get("region") and data.get("postal_prefix"):
            raise ValidationError("Give a region or a postal prefix.", "postal_prefix")
        prefix = data.get("postal_prefix")
        if prefix is not None and not any(each.isalnum() for each in prefix):
            raise ValidationError("Must have a letter or a digit.", "postal_prefix")
        if data.get("country") is None and (data.get("region") or data.get("postal_prefix")):
            raise ValidationError("Needed with a region or a postal prefix.", "country")


class ShownPlaceSchema(StrictSchema):
    """A place of a zone; what is null is not asked for."""

    country = fields.Function(lambda place: place.country or None, metadata={"type": ["string", "null"]})
    region = fields.Function(lambda place: place.region or None, metadata={"type": ["string", "null"]})
    postal_prefix = fields.Function(
        lambda place: place.postal_prefix or None, metadata={"type": ["string", "null"]}
    )


class TierSchema(StrictSchema):
    """What all items together cost up to this weight; null is any weight."""

    up_to_grams = whole_number(1, MOST_GRAMS, required=True, allow_none=True, metadata={"example": 2000})
    amount = whole_number(0, LARGEST_AMOUNT, required=True, metadata={"example": 499})


class ShippingRateBody(StrictSchema):
    """A way to deliver, at one `amount` or by `tiers` of weight; amounts are minor units of its currency."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(CODE, error="Must be small letters, digits, - and _."),
        metadata={"example": "standard"},
    )
    name = Text(required=True, metadata={"example": "Standard shipping"})
    currency = currency_code(required=True)
    amount = whole_number(0, LARGEST_AMOUNT, load_default=None, allow_none=True, metadata={"example": 499})
    tiers = fields.List(
        fields.Nested(TierSchema),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 50),
        metadata={"example": None},
    )
    free_from_amount = whole_number(
        0,
        LARGEST_AMOUNT,
        load_default=None,
        allow_none=True,
        metadata={"description": "Items of so much, before coupons, are delivered for nothing"},
    )
    fewest_days = whole_number(0, MOST_DAYS, required=True, metadata={"example": 3})
    most_days = whole_number(0, MOST_DAYS, required=True, metadata={"example": 5})
    is_active = fields.Boolean(load_default=True)

    @validates_schema
    def check_tiers(self, data: dict[str, Any], **_: Any) -> None:
        """From light to heavy; what has no end is the last."""
        ends = [tier["up_to_grams"] or MOST_GRAMS + 1 for tier in data.get("tiers") or ()]
        if any(lighter >= heavier for lighter, heavier in pairwise(ends)):
            raise ValidationError("Give tiers from light to heavy.", "tiers")


class ShippingRateChange(ShippingRateBody):
    """What to change of a rate; what is left out stays."""


class ShippingRateSchema(ShippingRateBody):
    """A rate as it is kept."""

    id = fields.UUID()
    updated_at = fields.DateTime()


class ShippingZoneBody(StrictSchema):
    """Places that are delivered to at the same rates, each in one zone only."""

    name = Text(required=True, metadata={"example": "United States"})
    is_default = fields.Boolean(
        load_default=False, metadata={"description": "Carts are estimated by it while it is unknown where to"}
    )
    places = fields.List(fields.Nested(PlaceSchema), required=True, validate=validate.Length(0, MOST_PLACES))


class ShippingZoneChange(ShippingZoneBody):
    """What to change of a zone; what is left out stays."""


class ShippingZoneSchema(StrictSchema):
    """A zone with its places and rates."""

    id = fields.UUID()
    name = fields.String()
    is_default = fields.Boolean()
    places = fields.List(fields.Nested(ShownPlaceSchema))
    rates = fields.List(fields.Nested(ShippingRateSchema))
    updated_at = fields.DateTime()


class ShippingZonesSchema(StrictSchema):
    """A page of zones, by their names."""

    items = fields.List(fields.Nested(ShippingZoneSchema))
    next_cursor = fields.String(allow_none=True)
