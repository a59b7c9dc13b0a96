"""One buyer's way through one purchase. The buyer knows the API, its documents and Stripe's pages."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from proof.chaos.clients.aftersales import AfterSales
from proof.chaos.clients.browser import AUTHENTICATED, DEBIT, DECLINED, Browser
from proof.chaos.clients.caller import Answer, Caller, Json
from proof.chaos.clients.places import ADDRESSES
from proof.chaos.clients.wishes import COUPON, Wish
from sandbox.demo.buyer import WISH

_FIRST_LOOK_SECONDS, _LONGEST_PAUSE_SECONDS = 0.7, 5.0
_OPENING_SECONDS = 60.0
_OTHER_FLOW = {"payment_intent": "checkout_session", "checkout_session": "payment_intent"}


@dataclass(slots=True)
class Purchase:
    """A wish on its way. `skus` are the articles; `turned_away` is told what ran out, the coupon too.

    After run(), `order` and `payments` are what the API answered last, and `told` is how far it came.
    """

    wish: Wish
    caller: Caller
    browser: Browser
    skus: Sequence[str]
    turned_away: Callable[[str], None]
    settle_seconds: float
    order: Json | None = None
    payments: list[Json] = field(default_factory=list)
    told: str = "not placed"

    def run(self) -> None:
        """Fill a cart, check out, and go on as the wish says."""
        if self._fill_cart() and self._check_out():
            self.told = "placed"
            _GOES_ON[self.wish.ending](self)

    @property
    def is_paid(self) -> bool:
        """Whether the shop has said so."""
        return self.order is not None and self.order["status"] == "paid"

    def follow(self, after: AfterSales) -> None:
        """Let happen what the wish says, to an order that is paid."""
        payment = self.caller.ask("GET", f"/v1/payments/{self.payments[-1]['id']}").body
        if self.order and payment.get("provider_id"):
            after.follow(self.wish.afterwards, self.order, payment)

    def _fill_cart(self) -> bool:
        wish = self.wish
        if not wish.guest and not self._empty_cart():
            return False
        for article, units in wish.units.items():
            item = {"sku": self.skus[article], "quantity": units, "currency": wish.currency}
            added = self.caller.ask("POST", "/v1/cart/items", item, key=True)
            if not added.ok:
                return False
            if token := added.headers.get("X-Cart-Token"):
                self.caller.headers["X-Cart-Token"] = token
        return True

    def _empty_cart(self) -> bool:
        self.caller.ask("DELETE", "/v1/cart")
        return self.caller.ask("PUT", "/v1/cart/currency", {"currency": self.wish.currency}).ok

    def _check_out(self) -> bool:
        wish = self.wish
        body = WISH | {"payment_flow": wish.flow, "shipping_address": ADDRESSES[wish.country]}
        if wish.guest:
            body["email"] = f"guest-{wish.number}@example.com"
        name = f"checkout-{wish.number}"
        answer = self._place(body | {"coupon": COUPON}, f"{name}-cheaper") if wish.coupon else None
        if answer is None or answer.problem == "coupon-used-up":
            answer = self._place(body, name)
        if answer.ok:
            self.order, payment = answer.body["order"], answer.body["payment"]
            self.payments.append(payment)
            return True
        self._turn_away(answer)
        return False

    def _place(self, body: Json, name: str) -> Answer:
        headers = self.caller.headers | {"Idempotency-Key": name}
        answer = self.caller.repeat("POST", "/v1/checkout", body, headers, hurry=self.wish.hurry)
        if answer.problem == "coupon-used-up":
            self.turned_away(COUPON)
        if answer.ok and self.wish.doubts:
            answer = self.caller.repeat("POST", "/v1/checkout", body, headers)
        return answer

    def _turn_away(self, answer: Answer) -> None:
        self.told = f"turned away: {answer.problem or answer.status}"
        for short in answer.body.get("shortage", []):
            self.turned_away(short["sku"])
        if answer.problem == "checkout-open":  # an earlier purchase of this buyer never came to its end
            self.caller.ask("POST", f"/v1/orders/{answer.body['order_id']}/cancel", key=True)

    # What follows the checkout.

    def _pay(self, card: str) -> None:
        if payment := self._payable(self.payments[-1]):
            self._pay_one(payment, card)

    def _pay_one(self, payment: Json, card: str) -> None:
        if url := payment.get("redirect_url"):
            self.told = f"paid: {self.browser.pay_page(url, card)}"
        elif payment.get("client_secret"):
            self.told = (
                f"paid: {self.browser.confirm(payment['provider_id'], payment['client_secret'], card)}"
            )
        if self.wish.tells:
            self.caller.ask("POST", f"/v1/payments/{payment['id']}/confirm")

    def _payable(self, payment: Json) -> Json | None:
        """The payment as soon as it can be paid; None when that never comes."""
        looks = _looks(_OPENING_SECONDS)
        while not (payment.get("client_secret") or payment.get("redirect_url")):
            if payment["status"] not in ("creating", "open") or not next(looks, False):
                self.told = "never payable"
                return None
            answer = self.caller.ask("GET", f"/v1/payments/{payment['id']}")
            payment = answer.body if answer.ok else payment
        return payment

    def _await_end(self) -> None:
        """Look at the order now and then, as a page does that waits for its payment."""
        for _ in _looks(self.settle_seconds):
            seen = self._look()
            if seen["status"] != "pending":
                self.told = f"{seen['status']}, {seen['payment_status']}"
                return

    def _look(self) -> Json:
        answer = self.caller.ask("GET", f"/v1/orders/{self._id}")
        if answer.ok:
            self.order = answer.body
        return self.order or {}

    def _cancel(self) -> None:
        self.caller.ask("POST", f"/v1/orders/{self._id}/cancel", key=True)

    @property
    def _id(self) -> Any:
        return self.order and self.order["id"]

    def pays(self) -> None:
        """The usual way."""
        self._pay(self.wish.card)
        self._await_end()

    def authenticates(self) -> None:
        """By way of the bank."""
        self._pay(AUTHENTICATED)
        self._await_end()

    def pays_after_decline(self) -> None:
        """With another card."""
        self._pay(DECLINED)
        self.pays()

    def is_declined(self) -> None:
        """And leaves it at that."""
        self._pay(DECLINED)
        self._cancel()

    def gives_up(self) -> None:
        """The hold will end. Who has an account has to let go, or could not buy again for as long."""
        if not self.wish.guest or self.wish.flow == "checkout_session":
            self._cancel()

    def cancels_while_paying(self) -> None:
        """Both at once, as far as one buyer can."""
        payment = self._payable(self.payments[-1])
        self._cancel()
        if payment:
            self._pay_one(payment, self.wish.card)

    def pays_in_another_way(self) -> None:
        """With another payment of the same order; the first page is still open, and is paid as well."""
        first = self._payable(self.payments[-1])
        flow = {"payment_flow": _OTHER_FLOW[self.wish.flow]}
        answer = self.caller.ask("POST", f"/v1/orders/{self._id}/payments", flow, key=True)
        if answer.ok:
            self.payments.append(answer.body)
        self._pay(self.wish.card)
        if first and self.wish.number % 2:
            self._pay_one(first, self.wish.card)
        self._await_end()

    def pays_by_debit(self) -> None:
        """The bank takes its time."""
        self._pay(DEBIT)
        self._await_end()

    def cancels_after_paying(self) -> None:
        """A change of mind."""
        self.pays()
        self._cancel()

    def pays_after_cancelling(self) -> None:
        """On a page that was still open."""
        payment = self._payable(self.payments[-1])
        self._cancel()
        time.sleep(1)
        if payment:
            self._pay_one(payment, self.wish.card)


def _looks(within: float) -> Iterator[bool]:
    """When to look again: each time a little later, for so many seconds."""
    deadline, pause = time.time() + within, _FIRST_LOOK_SECONDS
    while time.time() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)
        yield True


_GOES_ON: dict[str, Callable[[Purchase], None]] = {
    "pays": Purchase.pays,
    "authenticates": Purchase.authenticates,
    "is declined, then pays": Purchase.pays_after_decline,
    "is declined": Purchase.is_declined,
    "gives up": Purchase.gives_up,
    "cancels": Purchase._cancel,
    "cancels while paying": Purchase.cancels_while_paying,
    "pays after cancelling": Purchase.pays_after_cancelling,
    "pays in another way": Purchase.pays_in_another_way,
    "pays by bank debit": Purchase.pays_by_debit,
    "cancels after paying": Purchase.cancels_after_paying,
}
