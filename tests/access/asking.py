"""Asking for a line of the table as somebody."""

from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from app.platform.openapi.document import VARIABLE, path_of
from tests.access.table import TABLE
from tests.access.undoing import has_written, undone
from tests.access.world import Ids, World


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody was answered, and whether the call wrote anything, if only to take it back."""

    status: int
    text: str
    has_written: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """Calls with good values, taken back when they are answered."""

    client: FlaskClient
    world: World
    document: dict[str, Any]

    def ask(self, call: str, who: str, *, whose: str = "customer", body: Any = None) -> Answer:
        """What `who` is answered about the things of `whose`; the table's body unless another is given."""
        method, rule = call.split(" ", 1)
        line, ids = TABLE[call], self.world.ids[whose]
        chosen = self.body(call, ids) if body is None else body
        headers = self.world.headers[who] | line.headers
        # Reading needs no undoing, and some of it is done by threads.
        with nullcontext() if method == "GET" else undone() as connection:
            answer = self.client.open(
                _address(rule, ids) + line.query, method=method, headers=headers, json=chosen
            )
            wrote = connection is not None and has_written(connection)
        with closing(answer):
            return Answer(answer.status_code, answer.get_data().decode(errors="replace"), wrote)

    def body(self, call: str, ids: Ids) -> Any:
        """The table's body with these ids in it, or the document's example; None for a call without one."""
        method, rule = call.split(" ", 1)
        if TABLE[call].body is not None:
            return _filled(TABLE[call].body, ids)
        operation = self.document["paths"].get(path_of(rule), {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {})
        return content["application/json"]["example"] if content else None


def _address(rule: str, ids: Ids) -> str:
    reference = ids["category_id" if "categories" in rule else "product_id"]
    return VARIABLE.sub(lambda name: (ids | {"reference": reference})[name[1]], rule)


def _filled(body: Any, ids: Ids) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format_map(ids) if isinstance(body, str) else body
