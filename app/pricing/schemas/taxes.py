"""Taxes on the wire."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.platform.money import percent
from app.platform.schemas import Slug, StrictSchema, Text, country_code
from app.pricing.models import STANDARD

MOST_CATEGORIES = 100
RATES = {"standard": "19", "books": "7"}


class Percent(fields.String):
    """A rate in percent, a text because it is a decimal; kept in ten-thousandths."""

    def __init__(self) -> None:
        super().__init__(metadata={"pattern": r"^[0-9]{1,3}(\.[0-9]{1,3})?$", "example": "8.875"})

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return percent(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written: str = super()._deserialize(value, attr, data, **kwargs)
        whole, _, part = written.partition(".")
        digits = f"{whole}{part}"
        if not (digits.isascii() and digits.isdigit() and len(part) <= 3 and len(whole) in (1, 2, 3)):
            raise ValidationError('Must be a text like "8.875".')
        if (rate := Decimal(written) * 100) > 10_000:
            raise ValidationError("Must be 100 at most.")
        return rate


class TaxZoneChange(StrictSchema):
    """What to change of a zone; what is left out stays. Rates are given all at once."""

    is_default = fields.Boolean(
        load_default=False,
        metadata={"description": "Carts are estimated by it"},
    )
    prices_include_tax = fields.Boolean(load_default=False)
    shipping_category = Slug(most=40, example=STANDARD, load_default=STANDARD, allow_none=True)
    exempts_tax_numbers = fields.Boolean(
        load_default=False, metadata={"description": "Who gives a tax number at checkout pays no tax"}
    )
    rates = fields.Dict(
        keys=Slug(most=40, example=STANDARD),
        values=Percent(),
        required=True,
        validate=validate.Length(max=MOST_CATEGORIES),
        metadata={"example": RATES, "description": "By category; `standard` is for those without one"},
    )


class TaxZoneBody(TaxZoneChange):
    """A country, or a region of it, as addresses write it, and what is taxed how there."""

    country = country_code(required=True, metadata={"description": "ISO 3166 alpha-2"})
    region = Text(least=0, most=200, load_default="", metadata={"example": "MN"})


class TaxZoneSchema(StrictSchema):
    """A country, or a region of it, and what is taxed how there. Rates are in percent, as texts."""

    id = fields.UUID()
    country = fields.String(metadata={"example": "US"})
    region = fields.String(metadata={"example": "MN"})
    is_default = fields.Boolean()
    prices_include_tax = fields.Boolean()
    shipping_category = fields.String(allow_none=True)
    exempts_tax_numbers = fields.Boolean()
    rates = fields.Function(
        lambda zone: {rate.category: percent(rate.basis_points) for rate in zone.rates},
        metadata={"type": "object", "additionalProperties": {"type": "string"}, "example": RATES},
    )
    updated_at = fields.DateTime()


class TaxZonesSchema(StrictSchema):
    """A page of zones, by country and region."""

    items = fields.List(fields.Nested(TaxZoneSchema))
    next_cursor = fields.String(allow_none=True)
