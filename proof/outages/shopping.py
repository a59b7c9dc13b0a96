"""People who go on buying whatever is away."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any

from proof.oracle import Request
from proof.outages.shop import RunningShop
from sandbox.demo.buyer import WISH, Buyer
from sandbox.demo.seed import PASSWORD

PAUSE_SECONDS = 1.0
"""Between two guests of one thread."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """What one checkout answered, and after how many seconds; by a guest, who needs `headers` to see it."""

    guest: Buyer
    headers: dict[str, str]
    key: str
    status: int
    seconds: float
    body: dict[str, Any]

    @property
    def is_payable(self) -> bool:
        """Whether its payment can be paid now."""
        if "payment" not in self.body:
            return False
        path = f"/v1/payments/{self.body['payment']['id']}"
        answer = self.guest.ask("GET", path, headers=self.headers)
        return answer.status_code == 200 and answer.json()["provider_id"] is not None

    def request(self) -> Request:
        """The same for the oracle."""
        made = {name: self.body[name]["id"] for name in ("order", "payment") if name in self.body}
        return Request(
            who=self.guest.email,
            method="POST",
            path="/v1/checkout",
            status=self.status,
            key=self.key,
            order_id=made.get("order"),
            payment_id=made.get("payment"),
        )


def stock_up(shop: RunningShop, units: int) -> dict[str, Any]:
    """A new product with so many units; its one variant."""
    sku, price = f"SKU-{secrets.token_hex(4)}", {"amount": 1000, "currency": "USD"}
    product = {"name": f"Lamp {sku}", "status": "active", "variants": [{"sku": sku, "price": price}]}
    admin = Buyer(shop.api)
    who = {"email": "admin@example.com", "password": PASSWORD}
    token = admin.ask("POST", "/v1/auth/login", json=who).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    made = admin.ask("POST", "/v1/admin/products", json=product, headers=headers).json()
    received = {"change": units, "reason": "received"}
    path = f"/v1/admin/inventory/{sku}/adjustments"
    admin.ask("POST", path, json=received, headers=headers).raise_for_status()
    variant: dict[str, Any] = made["variants"][0]
    return variant


def go_shopping(shop: RunningShop, variant: dict[str, Any], *, seconds: float, buyers: int) -> list[Checkout]:
    """Have so many buy at once, one guest after the other, for so long."""
    ends_at = time.monotonic() + seconds
    with ThreadPoolExecutor(buyers) as pool:
        done = pool.map(lambda _: _order_until(shop, variant, ends_at), range(buyers))
        return list(chain.from_iterable(done))


def _order_until(shop: RunningShop, variant: dict[str, Any], ends_at: float) -> list[Checkout]:
    done = []
    while time.monotonic() < ends_at:
        done.append(_order(Buyer(shop.api), variant))
        time.sleep(PAUSE_SECONDS)
    return done


def _order(guest: Buyer, variant: dict[str, Any]) -> Checkout:
    added = guest.ask("POST", "/v1/cart/items", json={"variant_id": variant["id"], "quantity": 1})
    added.raise_for_status()
    headers = {"X-Cart-Token": added.headers["X-Cart-Token"]}
    key, started = secrets.token_hex(16), time.monotonic()
    told = headers | {"Idempotency-Key": key}
    answer = guest.ask("POST", "/v1/checkout", json=WISH | {"email": guest.email}, headers=told)
    return Checkout(guest, headers, key, answer.status_code, time.monotonic() - started, answer.json())
