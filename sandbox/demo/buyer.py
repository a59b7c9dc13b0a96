import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
import stripe

Found = TypeVar("Found")
Json = dict[str, Any]

WISH = {
    "payment_flow": "payment_intent",
    "shipping_method": "standard",
    "shipping_address": {
        "name": "Bea Buyer",
        "line1": "1 Main Street",
        "city": "Springfield",
        "region": "IL",
        "postal_code": "62701",
        "country": "US",
    },
}
"""What a checkout asks for besides the cart."""

_COME_AGAIN = 503
_LONGEST_PATIENCE_SECONDS = 30.0


class PurchaseFailed(Exception):
    """The shop did not do what it promises; the text is one line that says what."""


class Buyer:
    """Somebody new who knows nothing but the API at `api`; a step that goes wrong raises PurchaseFailed."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._http = requests.Session()
        self.email = f"buyer-{secrets.token_hex(4)}@example.com"

    def register(self) -> None:
        """Become a customer; the following steps are this customer's."""
        person = {"email": self.email, "password": secrets.token_urlsafe(16), "full_name": "Bea Buyer"}
        token = self._call("POST", "/v1/auth/register", 201, json=person)["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def find_variant(self) -> Json:
        """A variant that can be bought, from the page of the first available product."""
        for product in self._call("GET", "/v1/products", 200, params={"in_stock": "true"})["items"]:
            page = self._call("GET", f"/v1/products/{product['slug']}", 200)
            for variant in page["variants"]:
                if variant["available"] > 0:
                    return {**variant, "product": page["name"]}
        raise PurchaseFailed("no product of the first page is available")

    def add_to_cart(self, variant: Json) -> None:
        """Put one into the cart."""
        self._call("POST", "/v1/cart/items", 201, json={"variant_id": variant["id"], "quantity": 1})

    def check_out(self, key: str | None = None) -> Json:
        """Turn the cart into an order; answers `order` and `payment`, the latter ready to be confirmed.

        With the same `key` again it is the same order; without one each call is a checkout of its own.
        """
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        return self.await_payable(self._call("POST", "/v1/checkout", (201, 202), json=WISH, headers=headers))

    def await_payable(self, placed: Json) -> Json:
        """A checkout's answer with its payment ready to be confirmed, however long the provider takes."""
        payment_id = placed["payment"]["id"]
        return placed | {"payment": self.await_("an intent", lambda: self._payable(payment_id))}

    def pay(self, intent: str, *, stripe_base: str, key: str) -> None:
        """Confirm the intent with a test card, as a browser would at Stripe."""
        client = stripe.StripeClient(
            key,
            base_addresses={"api": stripe_base},
            http_client=stripe.RequestsClient(timeout=10),
            max_network_retries=2,
        )
        try:
            confirmed = client.v1.payment_intents.confirm(intent, params={"payment_method": "pm_card_visa"})
        except stripe.StripeError as error:
            raise PurchaseFailed(f"the card payment failed: {error}") from error
        if confirmed.status != "succeeded":
            raise PurchaseFailed(f"the payment is {confirmed.status} instead of succeeded")

    def order(self, order_id: str) -> Json:
        """The order as it is now."""
        return self._call("GET", f"/v1/orders/{order_id}", 200)

    def timeline(self, order_id: str) -> list[Json]:
        """What happened to the order so far, oldest first."""
        items: list[Json] = self._call("GET", f"/v1/orders/{order_id}/timeline", 200)["items"]
        return sorted(items, key=lambda item: int(item["sequence"]))

    def await_(self, what: str, look: Callable[[], Found | None], *, within: float = 30.0) -> Found:
        """Look again and again until something is found; raises PurchaseFailed after `within` seconds."""
        deadline = time.monotonic() + within
        while (found := look()) is None:
            if time.monotonic() > deadline:
                raise PurchaseFailed(f"{what} did not come within {within:.0f} s")
            time.sleep(0.1)
        return found

    def _payable(self, payment_id: str) -> Json | None:
        payment = self._call("GET", f"/v1/payments/{payment_id}", 200)
        return payment if payment.get("provider_id") else None

    def ask(self, method: str, path: str, **content: Any) -> requests.Response:
        """The API's answer, whatever it is; PurchaseFailed is raised when there is none."""
        try:
            return self._http.request(method, f"{self._api}{path}", timeout=10, **content)
        except requests.RequestException as error:
            raise PurchaseFailed(f"{method} {path}: {error}") from error

    def _call(self, method: str, path: str, expected: int | tuple[int, ...], **content: Any) -> Json:
        answer = self.ask(method, path, **content)
        deadline = time.monotonic() + _LONGEST_PATIENCE_SECONDS
        while answer.status_code == _COME_AGAIN and time.monotonic() < deadline:
            time.sleep(min(int(answer.headers["Retry-After"]), 1))
            answer = self.ask(method, path, **content)
        if answer.status_code not in (expected if isinstance(expected, tuple) else (expected,)):
            said = " ".join(answer.text.split())[:300]
            raise PurchaseFailed(f"{method} {path} answered {answer.status_code}: {said}")
        body: Json = answer.json()
        return body
