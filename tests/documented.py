"""Every answer that a test gets is held against the OpenAPI document: what is seen there must stand here."""

from collections.abc import Iterator
from functools import cached_property
from http import HTTPStatus
from typing import Any

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.platform.openapi.document import path_of

Json = dict[str, Any]
LATER = {"Location", "Retry-After"}
"""Must be there where they are documented; of several problems with one status, only some have them."""


class Contract:
    """The document of an application, as a judge of its answers."""

    def __init__(self, app: Flask) -> None:
        """Reads the document at once: it cannot be made any more where a test has replaced a view."""
        self._app = app
        self._views = dict(app.view_functions)
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self.document: Json = FlaskClient(app, app.response_class).get("/openapi.json").get_json()

    @cached_property
    def _schemas(self) -> Json:
        return closed(self.document["components"]["schemas"])

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Fail unless status, problem, headers and body of the answer are documented for its call."""
        operation = self._operation(method, path)
        if operation is None:
            return
        where = f"{method} {path} answered {response.status_code}"
        documented = operation["responses"].get(str(response.status_code))
        assert documented, f"{where}, which is not documented"
        is_there = response.status_code < HTTPStatus.BAD_REQUEST
        always = {"X-Request-Id"} | (documented["headers"].keys() & LATER if is_there else set())
        missing = {name for name in always if name not in response.headers}
        assert not missing, f"{where} without {missing}"
        if content := documented.get("content"):
            self._check_body(where, content, response)
        else:
            assert response.data == b"", f"{where} with a body, which is not documented"

    def _operation(self, method: str, path: str) -> Json | None:
        """What is documented of a call; None for one that is no route, or whose view a test replaced."""
        try:
            rule, _ = self._app.url_map.bind("localhost").match(path, method, return_rule=True)
        except HTTPException:
            return None
        if self._app.view_functions[rule.endpoint] is not self._views[rule.endpoint]:
            return None
        paths = self.document["paths"]
        found: Json | None = paths.get(path_of(rule.rule), {}).get(method.lower())
        return found

    def _check_body(self, where: str, content: Json, response: TestResponse) -> None:
        kind = response.mimetype or "nothing known"
        media = content.get(kind)
        assert media, f"{where} as {kind}, which is not documented"
        if not kind.endswith("json"):
            return
        body = response.get_json()
        self._validator(media["schema"]).validate(body)
        if "examples" in media:
            code = body["type"].removeprefix("/problems/")
            assert code in media["examples"], f"{where} with the problem {code}, which is not documented"

    def _validator(self, schema: Json) -> jsonschema_rs.Draft202012Validator:
        name = str(schema)
        if name not in self._validators:
            self._validators[name] = validator_of(schema, self._schemas)
        return self._validators[name]


def validator_of(schema: Json, schemas: Json) -> jsonschema_rs.Draft202012Validator:
    """A judge of what has this schema. It is given the schemas that this one refers to: all are many."""
    needed: Json = {}
    new: list[Any] = [schema]
    while new:
        named = {each.rsplit("/", 1)[1] for each in references(new)} - needed.keys()
        needed |= {name: schemas[name] for name in named}
        new = [schemas[name] for name in named]
    whole = schema | {"components": {"schemas": needed}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def references(node: Any) -> Iterator[str]:
    """All references that stand in it, anywhere."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


def closed(schemas: Json) -> Json:
    """The schemas without room for what they do not name."""
    return {
        name: {"additionalProperties": False} | schema if "properties" in schema else schema
        for name, schema in schemas.items()
    }


def client_class(app: Flask) -> type[FlaskClient]:
    """A test client whose answers are all held against the document."""
    contract = Contract(app)

    class DocumentedClient(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> TestResponse:
            response = super().open(*args, **kwargs)
            contract.check(response.request.method, response.request.path, response)
            return response

    return DocumentedClient
