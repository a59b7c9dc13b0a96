"""Stores on the wire."""

from itertools import pairwise
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.platform.schemas import AddressSchema, PageQuery, StrictSchema, Text
from app.platform.working_days import DAYS
from app.stores.queries import LARGEST_RADIUS_KM

TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"
UNTIL = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z"
EXAMPLE = {"mon": [{"opens": "09:00", "closes": "13:00"}, {"opens": "14:00", "closes": "18:00"}]}
MOST_INTERVALS = 4
LATITUDE, LONGITUDE = validate.Range(-90, 90), validate.Range(-180, 180)


class OpeningSchema(StrictSchema):
    """An interval in which a store is open, by its own clock. The end of the day is 24:00."""

    opens = fields.String(required=True, validate=validate.Regexp(TIME), metadata={"example": "09:00"})
    closes = fields.String(required=True, validate=validate.Regexp(UNTIL), metadata={"example": "18:00"})


class StoreAddressSchema(AddressSchema):
    """Where a store is."""

    class Meta(AddressSchema.Meta):
        exclude = ("name", "company", "phone")


class StoreBody(StrictSchema):
    """What is known of a store. A day that `hours` leave out is one on which it is closed."""

    name = Text(required=True, metadata={"example": "Backroom Portland"})
    address = fields.Nested(StoreAddressSchema, required=True)
    latitude = fields.Float(required=True, validate=LATITUDE, metadata={"example": 45.5231})
    longitude = fields.Float(required=True, validate=LONGITUDE, metadata={"example": -122.6765})
    phone = Text(most=40, load_default=None, allow_none=True, metadata={"example": "+15035550100"})
    email = Text(most=254, load_default=None, allow_none=True, metadata={"example": "portland@example.com"})
    hours = fields.Dict(
        keys=fields.String(validate=validate.OneOf(DAYS)),
        values=fields.List(fields.Nested(OpeningSchema), validate=validate.Length(0, MOST_INTERVALS)),
        load_default=dict,
        metadata={"example": EXAMPLE},
    )
    is_active = fields.Boolean(load_default=True)
    offers_pickup = fields.Boolean(load_default=True)

    @validates_schema
    def check_hours(self, data: dict[str, Any], **_: Any) -> None:
        """Each interval ends after it began, and before the next one."""
        for day, intervals in (data.get("hours") or {}).items():
            moments = [each[end] for each in intervals for end in ("opens", "closes")]
            if any(earlier >= later for earlier, later in pairwise(moments)):
                raise ValidationError({"hours": {day: ["Give intervals one after the other."]}})


class StoreChange(StoreBody):
    """What to change of a store; what is left out stays."""


class StoreSchema(StrictSchema):
    """A store; `distance_km` is there when the list was asked for by distance."""

    id = fields.UUID(attribute="store.id")
    name = fields.String(attribute="store.name", metadata={"example": "Backroom Portland"})
    address = fields.Nested(StoreAddressSchema, attribute="store.address")
    latitude = fields.Float(attribute="store.latitude")
    longitude = fields.Float(attribute="store.longitude")
    phone = fields.String(attribute="store.phone", allow_none=True)
    email = fields.String(attribute="store.email", allow_none=True)
    hours = fields.Dict(attribute="store.hours", metadata={"example": EXAMPLE})
    offers_pickup = fields.Boolean(attribute="store.offers_pickup")
    distance_km = fields.Float(allow_none=True, metadata={"example": 2.417})


class StoresSchema(StrictSchema):
    """A page of stores."""

    items = fields.List(fields.Nested(StoreSchema))
    next_cursor = fields.String(allow_none=True)


class KeptStoreSchema(StoreSchema):
    """A store as those see it who run the shop."""

    is_active = fields.Boolean(attribute="store.is_active")
    created_at = fields.DateTime(attribute="store.created_at")
    updated_at = fields.DateTime(attribute="store.updated_at")


class KeptStoresSchema(StrictSchema):
    """A page of stores, inactive ones included."""

    items = fields.List(fields.Nested(KeptStoreSchema))
    next_cursor = fields.String(allow_none=True)


class StoresQuery(PageQuery):
    """From where, and how far; without a place, stores come by their names."""

    lat = fields.Float(load_default=None, validate=LATITUDE, metadata={"example": 45.5231})
    lng = fields.Float(load_default=None, validate=LONGITUDE, metadata={"example": -122.6765})
    radius_km = fields.Float(
        load_default=None, validate=validate.Range(0, LARGEST_RADIUS_KM, min_inclusive=False)
    )
    pickup = fields.Boolean(load_default=False, metadata={"description": "Only where orders are picked up"})

    @validates_schema
    def check_place(self, data: dict[str, Any], **_: Any) -> None:
        """Half a place is none, and a radius needs one."""
        given = {name for name in ("lat", "lng", "radius_km") if data.get(name) is not None}
        if given not in (set(), {"lat", "lng"}, {"lat", "lng", "radius_km"}):
            missing = "lng" if "lat" in given else "lat"
            raise ValidationError("Give lat and lng together.", missing)
