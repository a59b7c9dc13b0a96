"""What a schema class knows beside its fields, in the document."""

import inspect
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema

from app.platform.schemas import StrictSchema


class DescribingConverter(OpenAPIConverter):
    """Says of each schema what its docstring says, and of which two fields it takes one."""

    def schema2jsonschema(self, schema: type[Schema] | Schema) -> dict[str, Any]:
        """The JSON Schema of a marshmallow schema."""
        described: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]  # apispec
        kind = schema if isinstance(schema, type) else type(schema)
        described["description"] = inspect.getdoc(kind) or ""
        if issubclass(kind, StrictSchema) and kind.either:
            one, other = kind.either
            # Not oneOf: generated clients would make two types of it.
            described["if"] = {"required": [one]}
            described["then"] = {"not": {"required": [other]}}
            described["else"] = {"required": [other]}
        return described


class DescribingPlugin(MarshmallowPlugin):
    """For flask-smorest."""

    Converter = DescribingConverter
