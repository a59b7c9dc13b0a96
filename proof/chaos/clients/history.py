import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a client's, with its repetitions; times in seconds, `at` since 1970.

    `status` is the last answer's, None when there was none; `problem` its code. `met` holds the statuses of
    the answers before it, 0 for a connection without one. The ids are those that the answer acknowledged,
    `coupon` is that of the order.
    """

    client: int
    purchase: int
    at: float
    seconds: float
    method: str
    path: str
    key: str | None
    status: int | None
    problem: str | None = None
    order_id: str | None = None
    payment_id: str | None = None
    refund_id: str | None = None
    coupon: str | None = None
    request_id: str | None = None
    met: list[int] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether there was a definite answer in the end; a refusal for a reason is one."""
        return self.status is not None and self.status < 500 and self.status != 429


class History:
    """What the clients did and were told, as JSON lines; written as it happens, by any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1)

    def note(self, call: Call) -> None:
        """A request has ended."""
        self._write({"kind": "call", **asdict(call)})

    def note_end(self, **facts: Any) -> None:
        """A purchase has ended, as far as its client goes."""
        self._write({"kind": "purchase", **facts})

    def note_failure(self, **facts: Any) -> None:
        """A client could make nothing of what it was answered."""
        self._write({"kind": "failure", **facts})

    def _write(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")


def read_calls(path: Path) -> list[Call]:
    """Every request of a run."""
    return [Call(**line) for line in _lines(path, "call")]


def read_failures(path: Path) -> list[str]:
    """What ended clients' purchases that should not have, each as its traceback."""
    return [line["text"] for line in _lines(path, "failure")]


def _lines(path: Path, kind: str) -> list[dict[str, Any]]:
    """Whole lines of one kind; the last may still be on its way."""
    found = []
    for text in path.read_text().splitlines(keepends=True) if path.exists() else []:
        if text.endswith("\n") and (line := json.loads(text)).pop("kind") == kind:
            found.append(line)
    return found
