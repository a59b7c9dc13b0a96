"""Examples, put together from those of the fields."""

from typing import Any

from app.platform.db import Json

OF_FORMAT = {
    "uuid": "0190f0a4-5a3c-7b52-9f5e-2f6c0b7f3a11",
    "date-time": "2026-01-17T09:30:00+00:00",
    "date": "2026-01-17",
    "email": "buyer@example.com",
}


def example(schema: Json, schemas: Json, *, request: bool = False) -> Any:
    """A value that fits the schema. Of a request, only what must be sent and what has an example."""
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, request=request)
    for alternatives in ("anyOf", "allOf", "oneOf"):
        if alternatives in schema:
            return example(schema[alternatives][0], schemas, request=request)
    if "properties" in schema:
        return _object(schema, schemas, request=request)
    return _plain(schema, schemas, request=request)


def _object(schema: Json, schemas: Json, *, request: bool) -> Json:
    needed = schema.get("required", ())
    return {
        name: example(field, schemas, request=request)
        for name, field in schema["properties"].items()
        if not request or name in needed or "example" in field
    }


def _plain(schema: Json, schemas: Json, *, request: bool) -> Any:
    kinds = schema.get("type", "object")
    if "enum" in schema:
        return schema["enum"][0]
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "array":
            return [example(schema["items"], schemas, request=request)]
        case "string":
            return OF_FORMAT.get(schema.get("format", ""), "text"[: schema.get("maxLength")])
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return {}
