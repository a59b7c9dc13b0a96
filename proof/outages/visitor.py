"""Somebody who looks around and buys, patiently, and writes every answer down."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import urllib3

from proof.outages.answers import Answer
from sandbox.demo.buyer import WISH, Buyer, PurchaseFailed

ANSWER_SECONDS = 15.0
PATIENCE_SECONDS = 180.0
_AGAIN = frozenset({None, 429, 500, 502, 503})
Json = dict[str, Any]


@dataclass(slots=True)
class Visitor:
    """A guest of the shop at `api`. Each try of each request goes to `note`."""

    api: str
    note: Callable[[Answer], None]
    who: str = field(default_factory=lambda: secrets.token_hex(6))
    headers: dict[str, str] = field(default_factory=dict)
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(num_pools=1, maxsize=1, retries=False)
    )

    def buy(self, variant: Json, stripe: Json) -> None:
        """Look around, fill a cart, check out and pay. Raises PurchaseFailed when that cannot be done."""
        listed = self.ask("catalog", "GET", "/v1/products").body["items"]
        self.ask("catalog", "GET", f"/v1/products/{listed[0]['slug']}")
        payment = self.check_out(variant).body["payment"]
        while payment["provider_id"] is None:
            time.sleep(0.5)
            payment = self.ask("payment", "GET", f"/v1/payments/{payment['id']}").body
        Buyer(self.api).pay(payment["provider_id"], stripe_base=stripe["base"], key=stripe["api_key"])
        self.ask("payment", "POST", f"/v1/payments/{payment['id']}/confirm", {})
        self.ask("order", "GET", f"/v1/orders/{payment['order_id']}")

    def check_out(self, variant: Json) -> Answer:
        """Order one unit; the answer has `order` and `payment`. Raises PurchaseFailed."""
        item = {"variant_id": variant["id"], "quantity": 1}
        added = self.ask("cart", "POST", "/v1/cart/items", item, key=True)
        self.headers["X-Cart-Token"] = added.headers["x-cart-token"]
        self.ask("cart", "GET", "/v1/cart")
        wish = WISH | {"email": f"buyer-{self.who}@example.com"}
        return self.ask("checkout", "POST", "/v1/checkout", wish, key=True)

    def ask(
        self, what: str, method: str, path: str, body: Json | None = None, *, key: bool = False
    ) -> Answer:
        """The answer that grants it. Until then the same is asked again, as the documents say.

        Raises PurchaseFailed when it is refused, and after three minutes.
        """
        name, ends_at = secrets.token_hex(12) if key else None, time.monotonic() + PATIENCE_SECONDS
        content = None if body is None else orjson.dumps(body)
        while not (answer := self.send(what, method, path, content, key=name)).granted:
            asked_to = answer.status in _AGAIN or "retry-after" in answer.headers
            if not asked_to or time.monotonic() > ends_at:
                raise PurchaseFailed(f"{method} {path} answered {answer.status}: {answer.body}")
            time.sleep(float(answer.headers.get("retry-after", "0.5")))
        return answer

    def send(
        self, what: str, method: str, path: str, content: bytes | None, *, key: str | None = None, **more: str
    ) -> Answer:
        """Ask once, with `more` headers."""
        told = self.headers | more | ({"Idempotency-Key": key} if key else {})
        if content is not None:
            told["Content-Type"] = "application/json"
        status, headers, found = None, dict[str, str](), Json()
        began, started = time.time(), time.perf_counter()
        try:
            got = self._pool.request(
                method, self.api + path, body=content, headers=told, timeout=ANSWER_SECONDS
            )
            status, headers = got.status, {name.lower(): value for name, value in got.headers.items()}
            found = orjson.loads(got.data) if got.data.startswith(b"{") else found
        except urllib3.exceptions.HTTPError:
            pass  # no answer is noted as such
        seconds = time.perf_counter() - started
        answer = Answer(
            what=what,
            who=self.who,
            method=method,
            path=path,
            key=key,
            began=began,
            seconds=seconds,
            status=status,
            asked=told,
            headers=headers,
            body=found,
        )
        self.note(answer)
        return answer
