"""No call takes a column that it does not name, and none tells a secret one."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from app.platform.db import Base
from app.platform.openapi.document import path_of
from tests.access.asking import Asking
from tests.access.table import TABLE

COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.columns})
SECRETS = {"password_hash", "secret_hash", "token_hash", "guest_token_hash", "refresh_jti", "previous_jti"}
WRITING = [
    call
    for call, line in TABLE.items()
    if not call.startswith(("GET", "DELETE")) and call != "POST /v1/webhooks/stripe"
]
"""The webhook takes what its signature vouches for."""
Json = dict[str, Any]


def test_columns_that_a_call_does_not_name_are_refused(asking: Asking) -> None:
    found = {call: list(_taken(asking, call)) for call in WRITING}

    assert {call: taken for call, taken in found.items() if taken} == {}
    assert len(list(filter(partial(_schema, asking.document), WRITING))) > 20


def _taken(asking: Asking, call: str) -> Iterator[tuple[str, int, set[str]]]:
    """Where the call was not refused for each of the columns that it does not name."""
    schema, body = _schema(asking.document, call), asking.body(call, asking.world.ids["customer"])
    who = next((name for name, status in TABLE[call].rule.items() if status < 300), "admin")
    for path, known in _objects(asking.document, schema or {}, body, ""):
        extra = {name: "x" for name in COLUMNS if name not in known}
        answer = asking.ask(call, who, body=_with(body, path, extra))
        untold = {f"{path}{name}" for name in extra} - orjson.loads(answer.text).get("errors", {}).keys()
        if answer.status != 422 or untold or answer.has_written:
            yield path, answer.status, untold


def test_no_answer_has_a_field_for_a_secret(asking: Asking) -> None:
    fields = {
        name: set(schema.get("properties", ()))
        for name, schema in asking.document["components"]["schemas"].items()
    }

    assert set(COLUMNS) >= SECRETS
    assert {name: known & SECRETS for name, known in fields.items() if known & SECRETS} == {}


def _schema(document: Json, call: str) -> Json | None:
    method, rule = call.split(" ", 1)
    content = document["paths"][path_of(rule)][method.lower()].get("requestBody", {}).get("content", {})
    schema: Json | None = next(iter(content.values()))["schema"] if content else None
    return schema


def _objects(document: Json, schema: Json, value: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    """Where in the value there are objects of named fields, and which fields these are."""
    schema = next(iter(schema.get("anyOf", ()) or schema.get("allOf", ()) or [schema]))
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _objects(document, schema["items"], item, f"{path}{number}.")
    elif isinstance(value, dict) and "properties" in schema:
        yield path, set(schema["properties"])
        for name in value.keys() & schema["properties"].keys():
            yield from _objects(document, schema["properties"][name], value[name], f"{path}{name}.")


def _with(body: Any, path: str, extra: Json) -> Any:
    """A copy of the body that has more fields in the object at this path."""
    copy = orjson.loads(orjson.dumps(body))
    place = copy
    for step in path.split(".")[:-1]:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place.update(extra)
    return copy
