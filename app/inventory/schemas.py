"""Stock on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.inventory.models import REASONS
from app.inventory.services.counting import MOST_UNITS
from app.inventory.services.counting import REASON as COUNTED
from app.platform.schemas import PageQuery, StrictSchema, Text, whole_number


class LevelSchema(StrictSchema):
    """Units of one SKU."""

    sku = fields.String(metadata={"example": "CHAIR-RED"})
    variant_id = fields.UUID()
    on_hand = fields.Integer()
    reserved = fields.Integer()
    available = fields.Function(
        lambda level: level.on_hand - level.reserved, metadata={"type": "integer", "example": 7}
    )
    low_stock_threshold = fields.Integer()


class LevelsSchema(StrictSchema):
    """A page of stock."""

    items = fields.List(fields.Nested(LevelSchema))
    next_cursor = fields.String(allow_none=True)


class LevelsQuery(PageQuery):
    """Which stock to list."""

    low = fields.Boolean(load_default=False)


class ThresholdSchema(StrictSchema):
    """From how many available units on a variant is low on stock."""

    low_stock_threshold = whole_number(0, MOST_UNITS, required=True)


class AdjustmentSchema(StrictSchema):
    """Either a `change` with its reason, or the `on_hand` that was counted."""

    either = ("change", "on_hand")

    change = whole_number(-MOST_UNITS, MOST_UNITS, metadata={"not": {"const": 0}, "example": 5})
    on_hand = whole_number(0, MOST_UNITS)
    # No default here: clients that are made of the document would send it with an on_hand, too.
    reason = fields.String(
        validate=validate.OneOf(REASONS),
        metadata={"description": "Of a `change`: without one `correction`. An `on_hand` is always `counted`"},
    )
    note = Text(most=500, load_default=None)

    @validates_schema
    def check_change(self, data: dict[str, Any], **_: Any) -> None:
        """A movement of nothing would be noise in the books."""
        if data.get("change") == 0:
            raise ValidationError("A change of 0 units changes nothing.", "change")

    @validates_schema
    def check_reason(self, data: dict[str, Any], **_: Any) -> None:
        """A reason that the books would not show must not look as if they did."""
        if "on_hand" in data and data.get("reason", COUNTED) != COUNTED:
            raise ValidationError(f"Is {COUNTED} with an on_hand: leave it out, or give a change.", "reason")


class BulkAdjustmentSchema(AdjustmentSchema):
    """One line of a bulk adjustment."""

    sku = Text(most=64, required=True, metadata={"example": "CHAIR-RED"})


class BulkSchema(StrictSchema):
    """Several adjustments, all or none."""

    items = fields.List(fields.Nested(BulkAdjustmentSchema), required=True, validate=validate.Length(1, 500))


class MovementSchema(StrictSchema):
    """One change of stock."""

    id = fields.Integer()
    change = fields.Integer()
    reason = fields.String()
    reference = fields.String()
    note = fields.String(allow_none=True)
    actor = fields.String(allow_none=True)
    moved_at = fields.DateTime()


class MovementsSchema(StrictSchema):
    """A page of movements, newest first."""

    items = fields.List(fields.Nested(MovementSchema))
    next_cursor = fields.String(allow_none=True)


class UnitsSchema(StrictSchema):
    """Units of one SKU."""

    sku = Text(most=64, required=True, metadata={"example": "CHAIR-RED"})
    quantity = whole_number(1, MOST_UNITS, required=True, metadata={"example": 2})


class ReferenceSchema(StrictSchema):
    """What was reserved."""

    reference = Text(most=100, required=True, metadata={"example": "till-2-receipt-4711"})


class ReserveSchema(ReferenceSchema):
    """What to reserve, under a reference of your own: a new one for each sale."""

    items = fields.List(fields.Nested(UnitsSchema), required=True, validate=validate.Length(1, 100))


class HoldSchema(StrictSchema):
    """Units that are reserved for another channel, or were."""

    reference = fields.String()
    status = fields.String(
        validate=validate.OneOf(["active", "committed", "released", "expired"]),
        metadata={"description": "`expired` is released because nobody committed in time"},
    )
    items = fields.List(fields.Nested(UnitsSchema), metadata={"description": "Each SKU once, in their order"})
    expires_at = fields.DateTime(attribute="hold_until")
