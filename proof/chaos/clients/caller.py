import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from proof.chaos.clients.history import Call

PATIENCE_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_AGAIN = frozenset({429, 500, 502, 503})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the end; `status` is 0 when nothing did."""

    status: int
    body: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.status < 300

    @property
    def problem(self) -> str | None:
        """The code of the problem document, if it is one."""
        kind: str = self.body.get("type", "") if not self.ok else ""
        return kind.removeprefix("/problems/") or None


class Caller:
    """Somebody's way to the API: each request is repeated, with its key, until there is a definite answer.

    That is what the documents ask for: after `Retry-After`, after a 503, and after a connection that broke.
    Gives up after 60 seconds. Every request goes to `note`.
    """

    def __init__(
        self, base: str, dice: random.Random, note: Callable[[Call], None], *, client: int, purchase: int = 0
    ) -> None:
        self._base, self._dice, self._note = base, dice, note
        self._client, self._purchase = client, purchase
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=1, retries=False)
        self.headers: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: Json | None = None, *, key: bool = False, hurry: bool = False
    ) -> Answer:
        """The answer to one request. In a hurry, the first attempt is broken off before its answer."""
        name = f"{self._dice.getrandbits(96):024x}" if key else None
        headers = self.headers | ({"Idempotency-Key": name} if name else {})
        return self.repeat(method, path, body, headers, hurry=hurry)

    def repeat(
        self, method: str, path: str, body: Json | None, headers: dict[str, str], *, hurry: bool = False
    ) -> Answer:
        """The same with these headers: a request that was made before is made again."""
        began, met = time.time(), list[int]()
        answer = self._once(method, path, body, headers, 0.03 if hurry else _ANSWER_SECONDS)
        while _wants_repetition(answer) and time.time() - began < PATIENCE_SECONDS:
            met.append(answer.status)
            time.sleep(_pause(answer, len(met), self._dice))
            answer = self._once(method, path, body, headers, _ANSWER_SECONDS)
        self._note(self._call(method, path, headers, answer, began, met))
        return answer

    def _once(
        self, method: str, path: str, body: Json | None, headers: dict[str, str], timeout: float
    ) -> Answer:
        content = None if body is None else json.dumps(body)
        told = headers | ({"Content-Type": "application/json"} if content else {})
        try:
            got = self._pool.request(method, self._base + path, body=content, headers=told, timeout=timeout)
        except (urllib3.exceptions.HTTPError, OSError):
            return Answer(0)
        return Answer(got.status, _document(got.data), got.headers)

    def _call(
        self, method: str, path: str, headers: Mapping[str, str], answer: Answer, began: float, met: list[int]
    ) -> Call:
        return Call(
            client=self._client,
            purchase=self._purchase,
            at=began,
            seconds=round(time.time() - began, 3),
            method=method,
            path=path,
            key=headers.get("Idempotency-Key"),
            status=answer.status or None,
            problem=answer.problem,
            **_acknowledged(path, answer),
            request_id=answer.headers.get("X-Request-Id"),
            met=met,
        )


def _document(content: bytes) -> Json:
    """The object that a body says; empty for any other body, as of a server that answers for the shop."""
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _wants_repetition(answer: Answer) -> bool:
    asked_to = answer.status == 409 and "Retry-After" in answer.headers
    return answer.status == 0 or answer.status in _AGAIN or asked_to


def _pause(answer: Answer, tries: int, dice: random.Random) -> float:
    """As long as the answer asks for; else longer each time, and never in step with others."""
    asked = answer.headers.get("Retry-After", "")
    least = float(asked) if asked.isdecimal() else min(0.1 * 2**tries, 3.0)
    return least * dice.uniform(0.7, 1.3)


def _acknowledged(path: str, answer: Answer) -> dict[str, str | None]:
    """What an answer says is there now, by the fields of a Call."""
    body = answer.body if answer.ok else {}
    order, payment = body.get("order"), body.get("payment")
    if isinstance(order, dict) and isinstance(payment, dict):
        return {"order_id": order.get("id"), "payment_id": payment.get("id"), "coupon": order.get("coupon")}
    if path.endswith("/payments"):
        return {"order_id": body.get("order_id"), "payment_id": body.get("id")}
    if path.endswith("/refunds"):
        return {"order_id": body.get("order_id"), "refund_id": body.get("id")}
    return {}
