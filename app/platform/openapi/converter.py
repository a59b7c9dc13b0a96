"""What a schema class knows beside its fields, in the document."""

import inspect
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema

from app.platform.schemas import StrictSchema


class DescribingConverter(OpenAPIConverter):
    """Says of each schema what its docstring says, and of which fields it takes one."""

    def schema2jsonschema(self, schema: type[Schema] | Schema) -> dict[str, Any]:
        """The JSON Schema of a marshmallow schema."""
        described: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]  # apispec
        kind = schema if isinstance(schema, type) else type(schema)
        described["description"] = inspect.getdoc(kind) or ""
        if issubclass(kind, StrictSchema) and kind.either:
            described |= _one_of(*kind.either)
        return described


def _one_of(name: str, *others: str) -> dict[str, Any]:
    """Exactly one of these fields is there. Not oneOf: generated clients would make a type of each."""
    if not others:
        return {"required": [name]}
    absent = [{"not": {"required": [other]}} for other in others]
    then = absent[0] if len(absent) == 1 else {"allOf": absent}
    return {"if": {"required": [name]}, "then": then, "else": _one_of(*others)}


class DescribingPlugin(MarshmallowPlugin):
    """For flask-smorest."""

    Converter = DescribingConverter
