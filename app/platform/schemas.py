"""What every request and answer is made of. Unknown fields are refused, in bodies and in queries."""

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate, validates_schema

from app.platform.money import step

_STEERING = re.compile(r"[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]")

LARGEST_TOTAL = 2**53 - 1
"""Where JavaScript stops counting exactly."""
NO_NUL = r"^[^\u0000]*$"
SOMETHING_TO_READ = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
"""For the document: what `Text` takes, before it is trimmed."""
SOMETHING_TO_PRINT = r"^[^\u0000]*[^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069][^\u0000]*$"
"""The same, of what `Line` takes."""
PORT = "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
"""Up to 65535."""
WEB_ADDRESS = rf"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:{PORT})?([/?#][!-~]*)?$"


def storable(text: str) -> str:
    """The text, if PostgreSQL can store it. Raises ValidationError for NUL and for half a pair."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("Contains a character that is no text.")
    return text


class StrictSchema(Schema):
    """A schema that names what it does not know, instead of dropping it.

    Of the fields in `either`, exactly one must be given. A body that `may_be_absent` is empty then.
    """

    either: ClassVar[tuple[str, ...]] = ()
    may_be_absent: ClassVar[bool] = False
    error_messages = {"type": 'Must be an object: {"name": ...}.'}

    class Meta:
        unknown = RAISE

    @validates_schema
    def check_either(self, data: dict[str, Any], **_: Any) -> None:
        """Two names or ways in one call would leave open which is meant."""
        if self.either and sum(name in data for name in self.either) != 1:
            raise ValidationError(f"Give either {' or '.join(self.either)}.", self.either[0])


class Text(fields.String):
    """A trimmed string of `least` to `most` characters that is `storable`."""

    def __init__(self, *, least: int = 1, most: int = 200, **kwargs: Any) -> None:
        known = {"pattern": NO_NUL if least == 0 else SOMETHING_TO_READ} | kwargs.pop("metadata", {})
        super().__init__(validate=validate.Length(least, most), metadata=known, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return storable(super()._deserialize(value, attr, data, **kwargs)).strip()


class Line(Text):
    """A text on one line. What steers printers, or turns the letters behind it around, is dropped.

    It is not refused: clipboards bring it along, unseen.
    """

    def __init__(self, **kwargs: Any) -> None:
        known = {"pattern": SOMETHING_TO_PRINT} | kwargs.pop("metadata", {})
        super().__init__(metadata=known, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = super()._deserialize(value, attr, data, **kwargs).split()
        return " ".join(filter(None, (_STEERING.sub("", word) for word in words)))


class Moment(fields.AwareDateTime):
    """A time with its offset, kept in UTC, of the years 1971 to 9998: none beyond can be reckoned with."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        given = super()._deserialize(value, attr, data, **kwargs)
        if not 1970 < given.year < 9999:
            raise ValidationError("Is too far from now.")
        return given.astimezone(UTC)


class Slug(fields.String):
    """A word of small letters, digits and single dashes, like the `example`."""

    def __init__(self, *, most: int, example: str, **kwargs: Any) -> None:
        form = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error=f"Must be like {example}.")
        known = {"example": example} | kwargs.pop("metadata", {})
        super().__init__(validate=[validate.Length(1, most), form], metadata=known, **kwargs)


class WebAddress(Text):
    """An http or https address with a host's name or IPv4 address, in visible ASCII characters."""

    def __init__(self, **kwargs: Any) -> None:
        known = {"pattern": WEB_ADDRESS, "example": "https://shop.example/"}
        super().__init__(most=2000, metadata=known, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(WEB_ADDRESS, text):
            raise ValidationError(
                "Must be like https://shop.example/path: a host's name or IPv4 address, no user, all ASCII."
            )
        return text


def whole_number(least: int, most: int, **kwargs: Any) -> fields.Integer:
    """An integer field that takes 3 and what JSON calls the same, 3.0, but neither 3.5 nor "3"."""
    return _StrictInteger(validate=validate.Range(least, most), **kwargs)


class _StrictInteger(fields.Integer):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is int:
            return value
        if type(value) is float and value.is_integer():
            return int(value)
        raise self.make_error("invalid", input=value)


def currency_code(**kwargs: Any) -> fields.String:
    """A currency by its three letters."""
    right = validate.Regexp(r"^[A-Z]{3}\Z", error="Must be three capital letters, like USD.")
    return fields.String(validate=right, metadata={"example": "USD"} | kwargs.pop("metadata", {}), **kwargs)


def country_code(**kwargs: Any) -> fields.String:
    """A country by the two letters of ISO 3166."""
    right = validate.Regexp(r"^[A-Z]{2}\Z", error="Must be two capital letters of ISO 3166, like US.")
    return fields.String(validate=right, metadata={"example": "US"} | kwargs.pop("metadata", {}), **kwargs)


class MoneySchema(StrictSchema):
    """An amount in minor units and its currency. A total may be more than can be paid at once."""

    amount = whole_number(0, LARGEST_TOTAL, required=True, metadata={"example": 1999})
    currency = currency_code(required=True)

    @validates_schema
    def check_step(self, data: dict[str, Any], **_: Any) -> None:
        """Some currencies are charged in more than one minor unit."""
        least = step(data["currency"])
        if data["amount"] % least:
            raise ValidationError(f"Must be a multiple of {least} in {data['currency']}.", "amount")


class PageQuery(StrictSchema):
    """How much of a list, and from where on."""

    limit = fields.Integer(load_default=24, validate=validate.Range(1, 100))
    # A name of 200 letters is a cursor of up to 1,700: it must come back.
    cursor = Text(
        most=2_000, load_default=None, metadata={"description": "`next_cursor` of the previous page"}
    )


class WholeListSchema(StrictSchema):
    """A list that is one page, always."""

    next_cursor = fields.String(
        allow_none=True, dump_default=None, metadata={"description": "Null: these are all", "example": None}
    )


class LinkQuery(StrictSchema):
    """What a link in a mail brings along."""

    token = Text(most=200, load_default=None, metadata={"description": "Of a mail's link to the order"})


class ProblemSchema(Schema):
    """RFC 9457: what went wrong, and what to change. Some problems have members of their own."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(metadata={"example": "/problems/not-found"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    request_id = fields.String()
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"x-optional": True, "description": "What is wrong with each field"},
    )


class AddressSchema(StrictSchema):
    """A postal address."""

    name = Line(required=True, metadata={"example": "Ada Lovelace"})
    company = Line(load_default=None, allow_none=True)
    line1 = Line(required=True, metadata={"example": "12 Green Street"})
    line2 = Line(load_default=None, allow_none=True)
    city = Line(required=True, metadata={"example": "Portland"})
    region = Line(load_default=None, allow_none=True, metadata={"example": "OR"})
    postal_code = Line(most=20, load_default=None, allow_none=True, metadata={"example": "97201"})
    country = country_code(required=True)
    phone = Line(most=40, load_default=None, allow_none=True)
