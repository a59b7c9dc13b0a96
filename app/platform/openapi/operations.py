"""One call in the document: its name, who may make it, its headers, its examples and what can go wrong."""

from app.platform.db import Json
from app.platform.openapi.answers import problem_answers
from app.platform.openapi.headers import KEY, OF_CACHED, everywhere, headers

ROLES = ("admin", "seller")
"""Whose calls are told by their addresses: buyers have some of the same names."""


def complete(method: str, path: str, operation: Json, *, marks: Json, name: str) -> None:
    """Add what follows from the view's `marks` and its `name` to what is already known of the call."""
    operation["operationId"] = next((f"{role}_{name}" for role in ROLES if f"/{role}/" in path), name)
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), str(marks["access"]))))
    operation.setdefault("security", [])
    if "key_required" in marks:
        key = KEY | {"required": marks["key_required"]}
        operation["parameters"] = [*operation.get("parameters", ()), key]
    answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    for answer in answers.values():
        replayed = ("Idempotent-Replayed",) if "key_required" in marks else ()
        answer["headers"] = headers(*everywhere(marks), *replayed) | answer.get("headers", {})
    if "cached" in marks:
        answers["200"]["headers"] |= headers(*OF_CACHED)
        answers["304"] = {
            "description": "What `If-None-Match` names is still right.",
            "headers": answers["200"]["headers"],
        }
    operation["responses"] = answers | problem_answers(method, path, operation, marks)
