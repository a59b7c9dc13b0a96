"""Goods that go back: the calls of buyers, sellers and the shop about returns."""

from typing import Any

from werkzeug.test import TestResponse

from tests.buyers import Buyer
from tests.database import change
from tests.fulfillment.sending import Handed, do, parcels


def delivered(sent: Handed, position: int = 0) -> None:
    """All that the seller has to send has come."""
    seller = sent.sellers[position]
    do(seller, parcels(seller)[0], "pack", "ship", "deliver")


def wanted(sent: Handed, **by_position: int) -> Any:
    """A body that asks to send so many units of things back: `wanted(sent, _0=1)`."""
    lines = [
        {"line_id": sent.line(int(name[1:])), "quantity": many, "reason": "damaged"}
        for name, many in by_position.items()
    ]
    return {"lines": lines, "comment": "A leg is loose."}


def ask(sent: Handed, by: Buyer | None = None, **by_position: int) -> TestResponse:
    """Ask for a return, as the buyer unless it is somebody else."""
    return (by or sent.buyer).post(f"{sent.path}/returns", wanted(sent, **by_position))


def asked(sent: Handed, **by_position: int) -> Any:
    """The last of the order's returns, after one more was asked for."""
    answer = ask(sent, None, **by_position)
    assert answer.status_code == 201, answer.text
    return answer.get_json()["items"][-1]


def decide(by: Buyer, back: Any, what: str, body: Any = None) -> TestResponse:
    """Approve, reject or receive a return."""
    return by.post(f"/v1/returns/{back['id']}/{what}", body)


def take_in(by: Buyer, sent: Handed, back: Any, units: int = 1, **more: Any) -> TestResponse:
    """Receive units of the first thing, to the shelf."""
    line = {"line_id": sent.line(), "quantity": units, "restock": True}
    return decide(by, back, "receive", {"lines": [line]} | more)


def possible(sent: Handed) -> dict[str, int]:
    """How many units of each line can be returned now."""
    found = sent.buyer.get(f"{sent.path}/returns").get_json()["returnable"]
    return {each["line_id"]: each["quantity"] for each in found}


def refunded(sent: Handed) -> list[int | None]:
    """What goes back for each return of the only seller's, oldest first, as everybody is told."""
    told = sent.buyer.get(f"{sent.path}/returns").get_json()["items"]
    (seller,) = sent.sellers
    assert told == seller.get("/v1/returns").get_json()["items"][::-1]
    assert told == [seller.get(f"/v1/returns/{each['id']}").get_json() for each in told]
    return [each["refunded"] and each["refunded"]["amount"] for each in told]


def lose_refunds() -> None:
    """The money of all that was given back so far has come back."""
    change("UPDATE refunds SET status = 'failed', failed_at = now(), failure_reason = 'lost'")
    change("UPDATE payments SET refunded_amount = 0")
