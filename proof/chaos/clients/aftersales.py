"""What happens to a paid order: by the shop's admin, by somebody in Stripe's dashboard, or by a bank."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from proof.chaos.clients.caller import Caller, Json
from proof.chaos.clients.dashboard import Dashboard

_BY_HAND = 100
_PACKING_SECONDS = 15.0
_MOST = 0.6  # of the total: two of these are too much


@dataclass(frozen=True, slots=True)
class AfterSales:
    """`buyer` and `admins` ask the API, each over a connection of their own; `dashboard` is at Stripe."""

    buyer: Caller
    admins: tuple[Caller, Caller]
    dashboard: Dashboard

    def follow(self, what: str, order: Json, payment: Json) -> None:
        """Do what the wish says, to an order that is paid."""
        _FOLLOWS[what](self, order, payment)

    def nothing(self, _order: Json, _payment: Json) -> None:
        """As usual."""

    def refund_part(self, order: Json, _payment: Json) -> None:
        """A little comes back."""
        self._refund(self.admins[0], order, amount=_share(order, 0.1))

    def refund_all(self, order: Json, _payment: Json) -> None:
        """Everything comes back, goods and money."""
        lines = [
            {"line_id": line["id"], "quantity": line["quantity"], "restock": True} for line in order["lines"]
        ]
        self._refund(self.admins[0], order, lines=lines)

    def refund_twice(self, order: Json, _payment: Json) -> None:
        """Two admins at once, who together would give back too much."""
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda admin: self._refund(admin, order, amount=_share(order, _MOST)), self.admins))

    def cancel(self, order: Json, _payment: Json) -> None:
        """The shop cannot send it: the money goes back, and the goods do not come to the shelf."""
        self._cancel(self.admins[0], order, {"restock": False})

    def refund_and_cancel(self, order: Json, _payment: Json) -> None:
        """Two admins at once; whoever is first, all of the money goes back once."""
        with ThreadPoolExecutor(2) as both:
            steps = [
                both.submit(self._refund, self.admins[0], order, amount=_share(order, 0.1)),
                both.submit(self._cancel, self.admins[1], order, {}),
            ]
        for step in steps:
            step.result()

    def refund_by_hand(self, _order: Json, payment: Json) -> None:
        """In the dashboard, past the shop."""
        self.dashboard.refund(payment["provider_id"], _BY_HAND)

    def dispute(self, _order: Json, payment: Json) -> None:
        """The buyer has gone to their bank."""
        self.dashboard.dispute(payment["provider_id"])

    def send_back(self, order: Json, _payment: Json) -> None:
        """The goods come, and go back to the shelf; two admins at once say that they have come."""
        if not self._deliver(order):
            return
        lines = [{"line_id": line["id"], "quantity": line["quantity"]} for line in order["lines"]]
        unwanted = {"lines": [line | {"reason": "no_longer_wanted"} for line in lines]}
        asked = self.buyer.ask("POST", f"/v1/orders/{order['id']}/returns", unwanted, key=True)
        if not asked.ok:
            return
        path = f"/v1/returns/{asked.body['items'][-1]['id']}"
        self.admins[0].ask("POST", f"{path}/approve", key=True)
        here = {"lines": [line | {"restock": True} for line in lines]}
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda each: each.ask("POST", f"{path}/receive", here, key=True), self.admins))

    def _deliver(self, order: Json) -> bool:
        """Whether it could be sent, as soon as its parcels are known; nobody waits for long."""
        deadline = time.monotonic() + _PACKING_SECONDS
        while not self._advance(order, "packed"):
            if time.monotonic() > deadline:
                return False
            time.sleep(1)
        return self._advance(order, "shipped") and self._advance(order, "delivered")

    def _advance(self, order: Json, status: str) -> bool:
        path = f"/v1/admin/orders/{order['id']}/fulfillments"
        return self.admins[0].ask("POST", path, {"status": status}, key=True).ok

    def _refund(self, admin: Caller, order: Json, **what: object) -> None:
        body = {"reason": "requested_by_customer", **what}
        admin.ask("POST", f"/v1/admin/orders/{order['id']}/refunds", body, key=True)

    def _cancel(self, admin: Caller, order: Json, body: Json) -> None:
        admin.ask("POST", f"/v1/orders/{order['id']}/cancel", body, key=True)


def _share(order: Json, share: float) -> Json:
    total: Json = order["totals"]["total"]
    return total | {"amount": int(total["amount"] * share)}


_FOLLOWS: dict[str, Callable[[AfterSales, Json, Json], None]] = {
    "nothing": AfterSales.nothing,
    "partial refund": AfterSales.refund_part,
    "refund": AfterSales.refund_all,
    "return": AfterSales.send_back,
    "two refunds at once": AfterSales.refund_twice,
    "cancel": AfterSales.cancel,
    "refund and cancel at once": AfterSales.refund_and_cancel,
    "refund by hand": AfterSales.refund_by_hand,
    "dispute": AfterSales.dispute,
}
