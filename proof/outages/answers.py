"""What buyers were answered, one try at a time, and what a number of answers amounts to."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from proof.oracle import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One try of a request; `began` in seconds since 1970, `status` None when no answer came.

    `what` is the kind of request, in a word; `who` asked, under which idempotency `key`, with which headers
    (`asked`). The answer's own `headers` have names in lower case.
    """

    what: str
    who: str
    method: str
    path: str
    key: str | None
    began: float
    seconds: float
    status: int | None
    asked: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> float:
        """When the answer was there, or given up."""
        return self.began + self.seconds

    @property
    def granted(self) -> bool:
        """Whether it did what was asked for."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def asks_to_come_again(self) -> bool:
        """Whether it is a 503 as the documents have it: a problem, with the seconds to wait."""
        kind = self.body.get("type")
        return self.status == 503 and kind == "/problems/unavailable" and "retry-after" in self.headers

    def request(self) -> Request:
        """The same for the oracle."""
        order, payment = self.body.get("order"), self.body.get("payment")
        return Request(
            who=self.who,
            method=self.method,
            path=self.path,
            status=self.status,
            key=self.key,
            order_id=order["id"] if isinstance(order, dict) else None,
            payment_id=payment["id"] if isinstance(payment, dict) else None,
            began=self.began,
            ended=self.ended,
        )


def slowest(answers: Iterable[Answer]) -> float:
    """The longest that anybody waited; 0 when nobody asked."""
    return max((each.seconds for each in answers), default=0.0)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share (0 to 1) does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def statuses(answers: Iterable[Answer]) -> str:
    """How often which status came, for people."""
    counted = Counter("none" if each.status is None else str(each.status) for each in answers)
    return ", ".join(f"{count} x {status}" for status, count in sorted(counted.items())) or "none asked"
