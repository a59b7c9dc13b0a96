"""New attempts at paying an order, over HTTP; and what is at the provider afterwards."""

from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from tests.browser import Page, open_page, submit
from tests.buyers import Purchase
from tests.database import rows
from tests.stand_in import StandIn

INTENT, SESSION = "payment_intent", "checkout_session"
CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}


def attempt(bought: Purchase, flow: str = INTENT, *, key: str | None = None, **more: Any) -> TestResponse:
    """Ask for a new payment of an order, under a new Idempotency-Key unless one is given."""
    path = f"/v1/orders/{bought.order_id}/payments"
    return bought.buyer.post(path, {"payment_flow": flow} | more, key=key or str(uuid4()))


def refusal(answer: TestResponse) -> tuple[int, str, str, str]:
    """What a refused attempt says: status, type, and the order's two states."""
    body = answer.get_json()
    return answer.status_code, body["type"], body["order_status"], body["payment_status"]


def not_payable(order_status: str, payment_status: str) -> tuple[int, str, str, str]:
    """What a refused attempt should say."""
    return 409, "/problems/order-not-payable", order_status, payment_status


def live_payments(bought: Purchase) -> list[tuple[Any, ...]]:
    """Id, status and flow of the payments that may still take money."""
    statement = (
        "SELECT id::text, status, flow FROM payments"
        " WHERE order_id = :id AND status IN ('creating', 'open', 'processing')"
    )
    return rows(statement, id=bought.order_id)


def at_stripe(stripe: StandIn) -> tuple[list[str], list[str]]:
    """The status of each intent and of each session, oldest first."""
    books = stripe.books()
    return (
        [intent["status"] for intent in books["payment_intents"]],
        [session["status"] for session in books["checkout_sessions"]],
    )


def pay_hosted(redirect_url: str, **changed: str) -> Page:
    """Pay on the provider's page as a browser does."""
    return submit(open_page(redirect_url), "card", **(CARD | changed))


def debit_hosted(redirect_url: str, account_number: str) -> Page:
    """Let the provider's page take the money from a bank account."""
    return submit(open_page(redirect_url), "account", account_number=account_number)
