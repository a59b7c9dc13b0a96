"""Asking for a line of the table as somebody."""

from contextlib import closing, nullcontext
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient

from app.platform.openapi.document import VARIABLE, path_of
from tests.access.lines import A_PHOTO, A_SHEET
from tests.access.table import TABLE
from tests.access.world import Ids, World
from tests.media.files import photo
from tests.undoing import has_written, is_audited, undone


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody was answered, and whether the call wrote anything, if only to take it back.

    `is_audited`: the audit log told of the request.
    """

    status: int
    text: str
    has_written: bool
    is_audited: bool = False


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
        sent = {"data": _form(chosen)} if self._takes_form(call) else {"json": chosen}
        # Reading needs no undoing, and some of it is done by threads.
        with nullcontext() if method == "GET" else undone() as connection:
            answer = self.client.open(
                _address(rule, ids) + line.query, method=method, headers=headers, **sent
            )
            wrote = connection is not None and has_written(connection)
            told = connection is not None and is_audited(connection, answer.headers["X-Request-Id"])
        with closing(answer):
            return Answer(answer.status_code, answer.get_data().decode(errors="replace"), wrote, told)

    def body(self, call: str, ids: Ids) -> Any:
        """The table's body with these ids in it, or the document's example; None for a call without one."""
        if TABLE[call].body is not None:
            return _filled(TABLE[call].body, ids)
        content = self._content(call)
        return content["application/json"]["example"] if content else None

    def _content(self, call: str) -> dict[str, Any]:
        """What the document says of the call's body, by media type."""
        method, rule = call.split(" ", 1)
        operation = self.document["paths"].get(path_of(rule), {}).get(method.lower(), {})
        content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
        return content

    def _takes_form(self, call: str) -> bool:
        return "multipart/form-data" in self._content(call)


def _address(rule: str, ids: Ids) -> str:
    reference = ids["category_id" if "categories" in rule else "product_id"]
    return VARIABLE.sub(lambda name: (ids | {"reference": reference})[name[1]], rule)


def _form(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form; where the table says so, a file."""
    files = {A_PHOTO: photo, A_SHEET: lambda: b"sku\nnobody-has-it\n"}
    return {
        name: (BytesIO(files[value]()), "x.jpg") if value in files else value for name, value in body.items()
    }


def _filled(body: Any, ids: Ids) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format_map(ids) if isinstance(body, str) else body
