"""The document's schemas, said as JSON Schema means it and as clients want it."""

from collections.abc import Iterator
from typing import Any

from app.platform.db import Json

PREFIX = "#/components/schemas/"
OF_OBJECTS = {"minLength": "minProperties", "maxLength": "maxProperties"}
OF_ARRAYS = {"minLength": "minItems", "maxLength": "maxItems"}


def mend(schemas: Json, operations: list[Json]) -> Json:
    """The schemas that the operations refer to.

    What is only answered has all its fields (but those marked `x-optional`), and more may be added to them.
    """
    asked = set(_reachable([each.get("requestBody") for each in operations], schemas))
    answered = set(_reachable([each["responses"] for each in operations], schemas))
    mended = {name: _mended(schema) for name, schema in schemas.items() if name in asked | answered}
    for name in answered - asked:
        _open(mended[name])
    return mended


def _reachable(node: Any, schemas: Json) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in seen:
                seen.add(reference)
                waiting.append(schemas[reference])
    yield from seen


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref", "")
        if reference.startswith(PREFIX):
            yield reference.removeprefix(PREFIX)
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _references(child)


def _mended(node: Any) -> Any:
    if isinstance(node, list):
        return [_mended(child) for child in node]
    if not isinstance(node, dict):
        return node
    names = {"object": OF_OBJECTS, "array": OF_ARRAYS}.get(str(node.get("type")), {})
    mended = {names.get(name, name): _mended(child) for name, child in node.items()}
    if mended.get("default", ...) is None:
        del mended["default"]  # generated clients would have to send the null
    if isinstance(mended.get("pattern"), str):
        mended["pattern"] = mended["pattern"].replace(r"\Z", "$")  # Python's word for the end, in ECMA's
    return mended


def _open(schema: Json) -> None:
    if "properties" in schema:
        optional = {name for name, field in schema["properties"].items() if field.pop("x-optional", False)}
        schema["required"] = sorted(schema["properties"].keys() - optional)
        if schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
