"""Buyers who know nothing but the API, what they buy, and proof that it was sold exactly once."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.demo.buyer import WISH, Buyer
from sandbox.demo.seed import PASSWORD
from sandbox.mail.inbox import Summary
from tests.system.shop import Shop
from tests.system.waiting import until

PENDING, PAID = ("pending", "unpaid"), ("paid", "paid")
SOLD = (
    "orders.placed",
    "payments.opened",
    "payments.succeeded",
    "orders.paid",
    "orders.finalized",
    "invoicing.invoice_issued",
)
MAILED = ("notifications.sent", "notifications.sent")


@dataclass(frozen=True, slots=True)
class Variant:
    """Something on the shelf."""

    id: str
    sku: str


def stock_up(shop: Shop, units: int, *, variants: int = 1) -> list[Variant]:
    """A new product whose every variant has so many units."""
    skus = [f"SKU-{secrets.token_hex(4)}" for _ in range(variants)]
    price = {"amount": 1000, "currency": "USD"}
    product = {
        "name": f"Chair {skus[0]}",
        "status": "active",
        "variants": [{"sku": sku, "price": price} for sku in skus],
    }
    with requests.Session() as admin:
        who = {"email": "admin@example.com", "password": PASSWORD}
        token = _done(admin.post(f"{shop.api}/v1/auth/login", json=who))["access_token"]
        admin.headers["Authorization"] = f"Bearer {token}"
        made = _done(admin.post(f"{shop.api}/v1/admin/products", json=product))
        for sku in skus:
            units_received = {"change": units, "reason": "received"}
            _done(admin.post(f"{shop.api}/v1/admin/inventory/{sku}/adjustments", json=units_received))
    return [Variant(variant["id"], variant["sku"]) for variant in made["variants"]]


class Shopper(Buyer):
    """A registered customer."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.api)
        self.shop = shop
        self.register()

    def fill_cart(self, variants: Sequence[Variant]) -> None:
        for variant in variants:
            self.add_to_cart({"id": variant.id})

    def place(self, key: str) -> requests.Response:
        """Check out once, whatever comes of it."""
        return self.ask("POST", "/v1/checkout", json=WISH, headers={"Idempotency-Key": key})

    def pay_for(self, placed: dict[str, Any]) -> None:
        """Confirm the payment of a checkout with a card that works."""
        stripe = self.shop.facts["stripe"]
        self.pay(placed["payment"]["provider_id"], stripe_base=stripe["base"], key=stripe["api_key"])

    def sale(self, placed: dict[str, Any]) -> "Sale":
        """What a checkout answered, as the order it made."""
        return Sale(self, placed)

    def mails(self, about: str) -> list[Summary]:
        """Those whose subject has this in it; there are some about the account, too."""
        return [mail for mail in self.shop.inbox if mail.to == self.email and about in mail.subject]


@dataclass(frozen=True, slots=True)
class Sale:
    """An order with a payment that can be confirmed."""

    shopper: Shopper
    placed: dict[str, Any]

    @property
    def order_id(self) -> str:
        order_id: str = self.placed["order"]["id"]
        return order_id

    @property
    def sku(self) -> str:
        """What was bought, first of all."""
        sku: str = self.placed["order"]["lines"][0]["sku"]
        return sku

    @property
    def state(self) -> tuple[str, str]:
        """Status and payment status, as the buyer sees them."""
        order = self.shopper.order(self.order_id)
        return order["status"], order["payment_status"]

    def confirm(self) -> None:
        """Tell the shop that the payment was made, as the buyer's browser does."""
        answer = self.shopper.ask("POST", f"/v1/payments/{self.placed['payment']['id']}/confirm")
        assert answer.status_code == 202

    def pay(self) -> None:
        self.shopper.pay_for(self.placed)

    def topics(self) -> list[str]:
        """What happened to it, whoever told first: the schedule may compare before an event has come."""
        statement = (
            "SELECT topic FROM events WHERE subject = %(id)s AND topic <> 'settlement.difference_found'"
            " ORDER BY sequence"
        )
        return [topic for (topic,) in self.shopper.shop.rows(statement, id=self.order_id)]

    def await_topic(self, topic: str, *, times: int = 1, within: float = 60) -> None:
        until(lambda: self.topics().count(topic) >= times, f"{topic} of {self.order_id}", within=within)

    def await_sold_once(self, *more: str, within: float = 60) -> None:
        """Paid, finalized and mailed, each exactly once, and nothing else but the topics in `more`."""
        until(lambda: len(self.topics()) >= len(SOLD + MAILED + more), "all that follows", within=within)
        assert Counter(self.topics()) == Counter(SOLD + MAILED + more)
        assert self.state == PAID
        assert self._sold_units() == [(-1,)]
        number = self.placed["order"]["number"]
        received, paid = f"We have received your order {number}", f"Your order {number} is paid"
        assert sorted(mail.subject for mail in self.shopper.mails(number)) == [received, paid]

    def _sold_units(self) -> list[tuple[Any, ...]]:
        statement = "SELECT change FROM stock_movements WHERE reason = 'sale' AND reference = %(id)s"
        return self.shopper.shop.rows(statement, id=self.order_id)


def intents(shop: Shop, order_id: str) -> list[dict[str, Any]]:
    """What Stripe has of an order."""
    books = shop.order_stripe("books", "GET")["payment_intents"]
    return [intent for intent in books if intent["metadata"]["order_id"] == order_id]


def place_order(shop: Shop, *, told: bool = True) -> Sale:
    """A new buyer orders one of five units; unless `told` is false, the mail about it has come."""
    shopper = Shopper(shop)
    shopper.fill_cart(stock_up(shop, 5))
    sale = shopper.sale(shopper.check_out())
    if told:
        sale.await_topic("notifications.sent")
    return sale


def _done(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body
