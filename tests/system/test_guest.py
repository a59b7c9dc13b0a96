"""Somebody without an account buys on other people's pages, over HTTP alone, and then opens an account."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest
import requests

from sandbox.demo.buyer import WISH
from tests.attempts import INTENT, SESSION, pay_hosted
from tests.browser import Page, open_page, submit
from tests.system.shop import Shop
from tests.system.shopping import PAID, stock_up
from tests.system.waiting import until

TOKEN = "X-Cart-Token"


class Guest:
    """A browser that keeps the token which the first answer brings."""

    def __init__(self, shop: Shop) -> None:
        self.http = requests.Session()
        self._shop = shop

    def ask(self, method: str, path: str, *expected: int, **content: Any) -> Any:
        """What the API answers, with one of these statuses."""
        answer = self.http.request(method, f"{self._shop.api}{path}", timeout=10, **content)
        assert answer.status_code in expected, answer.text
        self.http.headers.update({TOKEN: answer.headers[TOKEN]} if TOKEN in answer.headers else {})
        return answer.json()

    def order(self, sku: str, flow: str) -> tuple[str, dict[str, Any]]:
        """Buy one of something: the order's id, and its payment as soon as it can be paid."""
        self.ask("POST", "/v1/cart/items", 201, json={"sku": sku, "quantity": 1})
        wish, key = WISH | {"payment_flow": flow, "email": "guest@example.com"}, token_hex(16)
        # 202 while the counter does not trust Stripe, which another test may have taken away just now.
        placed = self.ask("POST", "/v1/checkout", 201, 202, json=wish, headers={"Idempotency-Key": key})
        assert [line["sku"] for line in placed["order"]["lines"]] == [sku]
        payment_id = placed["payment"]["id"]
        until(lambda: self._payment(payment_id)["status"] != "creating", "a payment to make")
        return placed["order"]["id"], self._payment(payment_id)

    def await_bought(self, order_id: str) -> None:
        """The order is paid, and what was bought has left the cart."""
        until(lambda: self._state(order_id) == PAID, "the money")
        until(lambda: self.ask("GET", "/v1/cart", 200)["items"] == [], "the empty cart")

    def orders(self) -> list[tuple[str, str, str]]:
        items = self.ask("GET", "/v1/orders", 200)["items"]
        return [(order["id"], order["status"], order["payment_status"]) for order in items]

    def _payment(self, payment_id: str) -> dict[str, Any]:
        payment: dict[str, Any] = self.ask("GET", f"/v1/payments/{payment_id}", 200)
        return payment

    def _state(self, order_id: str) -> tuple[str, str]:
        order = self.ask("GET", f"/v1/orders/{order_id}", 200)
        return order["status"], order["payment_status"]


@pytest.fixture
def guest(shop: Shop) -> Iterator[Guest]:
    guest = Guest(shop)
    yield guest
    guest.http.close()


def test_a_guest_buys_on_two_pages_then_registers_and_has_both_orders(shop: Shop, guest: Guest) -> None:
    chair, table = (variant.sku for variant in stock_up(shop, 1, variants=2))

    hosted, payment = guest.order(chair, SESSION)
    paid = pay_hosted(payment["redirect_url"])
    guest.await_bought(hosted)
    asked, payment = guest.order(table, INTENT)
    allowed = submit(_bank(shop, payment), "authentication", button="Complete authentication")
    guest.await_bought(asked)

    number = guest.ask("GET", f"/v1/orders/{hosted}", 200)["number"]
    assert paid.location == f"{shop.api}/?order={number}&payment=succeeded"
    assert allowed.location is not None
    assert allowed.location.startswith(f"{shop.api}/?payment_intent={payment['provider_id']}&")
    _register(guest)
    both = [(asked, *PAID), (hosted, *PAID)]
    until(lambda: guest.orders() == both, "the guest's orders")


def _bank(shop: Shop, payment: dict[str, Any]) -> Page:
    """The bank's page, where a card form sends the browser to."""
    stripe = shop.facts["stripe"]
    card = {
        "client_secret": payment["client_secret"],
        "payment_method": "pm_card_threeDSecure2Required",
        "return_url": f"{shop.api}/",
    }
    url = f"{stripe['base']}/v1/payment_intents/{payment['provider_id']}/confirm"
    key = stripe["api_key"].replace("sk_", "pk_", 1)
    answer = requests.post(url, data=card, auth=(key, ""), timeout=10)
    answer.raise_for_status()
    return open_page(answer.json()["next_action"]["redirect_to_url"]["url"])


def _register(guest: Guest) -> None:
    """Open an account with the token, and forget that."""
    person = {"email": f"{token_hex(4)}@example.com", "password": token_hex(16), "full_name": "Gus Guest"}
    token = guest.ask("POST", "/v1/auth/register", 201, json=person)["access_token"]
    del guest.http.headers[TOKEN]
    guest.http.headers["Authorization"] = f"Bearer {token}"
