from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

CACHED = "Bench-Cached"
"""The header of requests that a finished answer will do for; see `bench/wsgi.py`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, before it is known who sends it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def raw(self) -> bytes:
        """What goes over the wire of a connection that is kept open."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "\r\n"]).encode() + self.body


def post(path: str, content: Any, **headers: str) -> Request:
    """A POST of JSON; underscores in the names of headers become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", path, {"Content-Type": "application/json", **named}, orjson.dumps(content))


def raw(operations: Sequence[Sequence[Request]]) -> list[list[bytes]]:
    """What goes over the wire of each operation's requests."""
    return [[request.raw() for request in operation] for operation in operations]
