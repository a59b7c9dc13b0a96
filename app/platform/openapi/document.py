"""The OpenAPI document: what flask-smorest gathered from the routes, completed and mended."""

import re
from collections.abc import Iterator
from copy import deepcopy

from flask import Flask

from app.platform.db import Json
from app.platform.openapi.examples import example
from app.platform.openapi.headers import HEADERS
from app.platform.openapi.operations import complete
from app.platform.openapi.schemas import mend

VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
ABOUT = """\
Errors are problem documents (RFC 9457); `type` ends in a code to decide by, and each call lists its codes.
A method that an address does not take is answered 405 with `Allow`.
Money is in minor units, ids are UUIDs, times are ISO 8601 in UTC.
Lists are pages: send `next_cursor` as `cursor` until it is null.
"""


def build(app: Flask, gathered: Json) -> Json:
    """The complete document. `gathered` is what flask-smorest knows; it is not changed."""
    document = deepcopy(gathered)
    operations = list(_complete(app, document["paths"]))
    schemas = mend(document["components"]["schemas"], operations)
    for operation in operations:
        _give_examples(operation, schemas)
    document["components"] = {
        "securitySchemes": document["components"]["securitySchemes"],
        "headers": HEADERS,
        "schemas": schemas,
    }
    document["info"]["description"] = ABOUT
    document["servers"] = [{"url": "/", "description": "Where this document is from"}]
    return document


def path_of(rule: str) -> str:
    """A rule of Flask as a path of the document: /v1/orders/{id_or_number}."""
    return VARIABLE.sub(r"{\1}", rule)


def _complete(app: Flask, paths: Json) -> Iterator[Json]:
    for rule in app.url_map.iter_rules():
        path = path_of(rule.rule)
        view = app.view_functions[rule.endpoint]
        for method in sorted(method.lower() for method in rule.methods or ()):
            if operation := paths.get(path, {}).get(method):
                complete(method, path, operation, marks=vars(view), name=view.__name__)
                yield operation


def _give_examples(operation: Json, schemas: Json) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.setdefault("example", example(content["schema"], schemas, request=True))
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            if "examples" not in content:
                content.setdefault("example", example(content["schema"], schemas))
