"""Lines of the bank's statement, as an operator notes them."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from app.ops.services import doctor
from app.platform.db import transaction
from tests.buyers import Buyer, Purchase
from tests.database import rows
from tests.sales import PENDING, TOTAL
from tests.stand_in import StandIn

IN_REVIEW = replace(PENDING, order=("pending", "review", None), payments=["review"])


def money(amount: int = TOTAL, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def note(admin: Buyer, bought: Purchase, line: str = "line 1", **values: Any) -> TestResponse:
    """Confirm a transfer."""
    body = {"reference": line, "amount": money()} | values
    return admin.post(f"/v1/admin/payments/{bought.payment_id}/transfers", body)


def number_of(bought: Purchase) -> str:
    """What its buyer is told to write into the transfer."""
    ((number,),) = rows("SELECT number FROM orders WHERE id = :id", id=bought.order_id)
    return str(number)


def found_by(admin: Buyer, words: str) -> list[dict[str, Any]]:
    """The payment that fits best what somebody wrote, if any does."""
    query = urlencode({"reference": words, "limit": 1})
    found: list[dict[str, Any]] = admin.get(f"/v1/admin/payments/awaited?{query}").get_json()["items"]
    return found


def give_back(admin: Buyer, bought: Purchase) -> TestResponse:
    """Decide that what is in review goes back."""
    return admin.post(f"/v1/admin/payments/{bought.payment_id}/resolve", {"decision": "refund"})


def pay_out(admin: Buyer, refund_id: str, line: str) -> TestResponse:
    return admin.post(f"/v1/admin/refunds/{refund_id}/paid-out", {"reference": line})


def to_pay_out(admin: Buyer) -> list[dict[str, Any]]:
    """What the shop still owes out of its own account."""
    found: list[dict[str, Any]] = admin.get("/v1/admin/refunds/to-pay-out").get_json()["items"]
    assert [each["status"] for each in found] == ["pending"] * len(found)
    return found


def healthy() -> bool:
    with transaction() as session:
        return doctor.broken(doctor.examine(session, at_rest=False)) == []


def asked_stripe(stripe: StandIn) -> int:
    """How many calls Stripe has had."""
    books = stripe.books()
    return sum(len(books[name]) for name in ("payment_intents", "checkout_sessions", "refunds"))
