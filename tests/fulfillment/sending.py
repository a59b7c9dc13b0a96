"""Sellers with parcels to send: an order that is paid and handed over, and the calls about it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.ops.services import doctor
from app.platform.db import transaction
from app.settlement import services as settlement
from tests.buyers import Buyer, make_buyer, shelf
from tests.factories import MadeProduct
from tests.sales import HOLDS, object_of
from tests.work import drain


@dataclass(frozen=True, slots=True)
class Handed:
    """A paid order of two units of each thing; the sellers by the things' positions."""

    buyer: Buyer
    sellers: list[Buyer]
    things: list[MadeProduct]
    order_id: UUID

    @property
    def path(self) -> str:
        """Where the buyer sees it."""
        return f"/v1/orders/{self.order_id}"

    def order(self) -> Any:
        """As the buyer sees it."""
        return self.buyer.get(self.path).get_json()

    def line(self, position: int = 0) -> str:
        """The id of its line about a thing."""
        sku = self.things[position].sku
        return next(str(line["id"]) for line in self.order()["lines"] if line["sku"] == sku)

    def standing(self) -> tuple[str, str]:
        """Its status, and how much of it was sent."""
        order = self.order()
        return order["status"], order["fulfillment_status"]


def handed(client: FlaskClient, *, sellers: int = 1, quantity: int = 2, **changes: Any) -> Handed:
    """Ordered by a new buyer, paid, and in the hands of as many new sellers, each with one thing in it."""
    buyer, people, things = chosen(client, sellers=sellers, quantity=quantity)
    order_id = paid_for(buyer.check_out(**changes).get_json())
    return Handed(buyer, people, things, order_id)


def chosen(
    client: FlaskClient, *, sellers: int = 1, quantity: int = 2
) -> tuple[Buyer, list[Buyer], list[MadeProduct]]:
    """A new buyer with one thing of each of so many new sellers in the cart."""
    people = [make_buyer(client, "seller") for _ in range(sellers)]
    things = [shelf(seller_id=UUID(each.get("/v1/users/me").get_json()["id"])) for each in people]
    buyer = make_buyer(client)
    for thing in things:
        buyer.put(thing, quantity)
    return buyer, people, things


def paid_for(body: Any) -> UUID:
    """The order of a checkout's answer, which is paid, and in the hands of its sellers, from now on."""
    order, payment = body["order"], body["payment"]
    total = order["totals"]["total"]["amount"]
    with transaction() as session:
        ids = UUID(order["id"]), UUID(payment["id"])
        amounts = {"amount": total, "amount_received": total}
        seen = object_of(*ids, payment["provider_id"], "succeeded", amounts)
        settlement.settle(session, seen, holds=HOLDS)
    drain()
    return ids[0]


def parcels(seller: Buyer, query: str = "") -> list[Any]:
    """What a seller has to send, the newest first."""
    items: list[Any] = seller.get(f"/v1/parcels{query}").get_json()["items"]
    return items


def act(seller: Buyer, parcel: Any, what: str, body: Any = None) -> TestResponse:
    """Do something with a parcel."""
    return seller.post(f"/v1/parcels/{parcel['id']}/{what}", body)


def do(seller: Buyer, parcel: Any, *steps: str) -> Any:
    """Take these steps, each of which succeeds: the parcel after the last."""
    for step in steps:
        answer = act(seller, parcel, step)
        assert answer.status_code == 200, answer.text
        parcel = answer.get_json()
    return parcel


def units(sent: Handed, **by_position: int) -> Any:
    """A body that packs so many units of things: `units(sent, _0=1)`."""
    lines = [{"line_id": sent.line(int(name[1:])), "quantity": many} for name, many in by_position.items()]
    return {"lines": lines}


def healthy() -> bool:
    """Whether no invariant is broken."""
    with transaction() as session:
        return doctor.broken(doctor.examine(session)) == []
