"""The kinds of values that catalog bodies are made of."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from app.catalog.services.importing.values import LARGEST_NUMBER, MOST_ATTRIBUTES
from app.platform.ids import ID, is_id
from app.platform.schemas import Slug, StrictSchema, Text

MOST_LOCALES = 40


class Whole(fields.Nested):
    """A nested object that is given complete, also where the object around it may be partial."""

    def _load(self, value: Any, partial: Any = None) -> Any:
        return super()._load(value, partial=False)


class _Scalar(fields.Field[Any]):
    """A text, a number or a yes-or-no."""

    _text = Text(least=0)

    def __init__(self) -> None:
        super().__init__(metadata={"type": ["string", "number", "boolean"]})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        # JSON knows neither NaN nor Infinity, and no client counts exactly beyond 2^53.
        if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER):
            return value
        if isinstance(value, str):
            return self._text.deserialize(value)
        raise ValidationError("Must be a text, a number up to 2^53, true or false.")


class _PublicSlug(Slug):
    """The readable part of an address, where an id can stand as well: no slug looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        no_id = {"not": {"pattern": f"^{ID.pattern}$"}}
        super().__init__(most=100, example="garden-chairs", metadata=no_id, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        slug = super()._deserialize(value, attr, data, **kwargs)
        if is_id(slug):
            raise ValidationError("Must not be like an id.")
        return slug


class TranslationSchema(StrictSchema):
    """Texts in one language; what is left out is shown in the default language."""

    name = Text()
    description = Text(least=0, most=20_000)


def slug(**kwargs: Any) -> Slug:
    """The readable part of an address."""
    return _PublicSlug(**kwargs)


def attributes() -> fields.Dict:
    """A flat table of facts, like {"color": "red", "doors": 3}."""
    return fields.Dict(
        keys=Text(most=64),
        values=_Scalar(),
        validate=validate.Length(max=MOST_ATTRIBUTES),
        load_default=dict,
        metadata={"example": {"color": "red"}},
    )


def translations() -> fields.Dict:
    """Texts by language. The default texts are the English ones, so these are for the others."""
    locale = validate.Regexp(
        r"^(?!en\b)[a-z]{2,3}(-[A-Z]{2})?\Z", error="Must be like de or de-AT, and not English."
    )
    return fields.Dict(
        keys=fields.String(validate=locale),
        values=Whole(TranslationSchema),
        validate=validate.Length(max=MOST_LOCALES),
        load_default=dict,
        metadata={
            "example": {"de": {"name": "Gartenstuhl"}},
            "description": "All of them at once: a language that is left out has no texts any more",
        },
    )
