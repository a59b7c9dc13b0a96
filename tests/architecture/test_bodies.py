"""What may come in: only what is named, of a bounded length; whatever route takes it."""

from collections.abc import Iterator
from typing import Any

from flask import Flask

from tests.documented import Contract

Json = dict[str, Any]


def taken(app: Flask) -> Iterator[tuple[str, Json]]:
    """Each schema of what a call takes in its body, with those that it is made of, by the call's name."""
    document = Contract(app).document
    for path, calls in document["paths"].items():
        for method, operation in calls.items():
            content = operation.get("requestBody", {}).get("content", {}) if method != "parameters" else {}
            for media in content.values():
                for schema in parts(media["schema"], document["components"]["schemas"]):
                    yield f"{method.upper()} {path}", schema


def parts(schema: Any, known: Json) -> Iterator[Json]:
    """A schema and everything inside of it."""
    if isinstance(schema, list):
        for each in schema:
            yield from parts(each, known)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            yield from parts(known[schema["$ref"].rpartition("/")[2]], known)
            return
        yield schema
        for name, each in schema.items():
            if name not in ("example", "examples", "enum", "not", "required"):
                yield from parts(list(each.values()) if name == "properties" else each, known)


def test_no_body_takes_a_field_that_it_does_not_name(app: Flask) -> None:
    loose = [
        (call, schema)
        for call, schema in taken(app)
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]

    assert loose == []


def test_every_list_in_a_body_has_a_longest(app: Flask) -> None:
    assert [
        (call, schema)
        for call, schema in taken(app)
        if schema.get("type") == "array" and "maxItems" not in schema
    ] == []


def test_every_text_in_a_body_has_a_longest(app: Flask) -> None:
    bounds = {"maxLength", "enum", "format", "pattern"}

    assert [
        (call, schema)
        for call, schema in taken(app)
        if schema.get("type") == "string" and not bounds & schema.keys()
    ] == []
