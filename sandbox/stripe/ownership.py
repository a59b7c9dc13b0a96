"""Whose a payment method is, and which payments may use it."""

from sandbox.stripe.bank_accounts import TestAccount
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.cards import AUTHENTICATION_REQUIRED, Decline
from sandbox.stripe.errors import invalid
from sandbox.stripe.resources import payment_methods, saved_methods

# Set on a method whose owner agreed to later payments without being there.
SET_UP = "set_up"


def check_may_pay(ledger: Ledger, intent: Json, method: Json) -> None:
    """Raise Refusal unless the method belongs to the intent's customer, or to nobody and is unused."""
    owner, payer = method["customer"], intent["customer"]
    if owner is None:
        saved_methods.check_unspent(ledger, method)
    elif payer is None:
        message = f"The payment method {method['id']} is attached to a customer: give that customer too."
        raise invalid(message, param="customer")
    elif owner != payer:
        message = f"The payment method {method['id']} does not belong to the customer {payer}."
        raise invalid(message, param="payment_method")


def decline_away(ledger: Ledger, method: Json) -> Decline | None:
    """Why a card does not pay while its owner is away, if it does not."""
    card = payment_methods.test_data(method)
    if isinstance(card, TestAccount) or not card.authenticates or card.trusts_owner_away == "always":
        return card.decline
    trusted = card.trusts_owner_away == SET_UP and ledger.marked(method["id"], SET_UP)
    return card.decline if trusted else AUTHENTICATION_REQUIRED


def after_payment(ledger: Ledger, intent: Json, method: Json) -> None:
    """Save the method for the customer if the intent asks for it; one that nobody keeps is used up."""
    if intent["setup_future_usage"]:
        save(ledger, method, intent["customer"], usage=intent["setup_future_usage"])
    elif method["customer"] is None:
        ledger.mark(method["id"], saved_methods.SPENT)


def save(ledger: Ledger, method: Json, customer_id: str | None, *, usage: str) -> None:
    """Make the method ready for later payments of that usage, and the customer's if there is one."""
    if customer_id and method["customer"] is None:
        saved_methods.keep(ledger, method, customer_id)
    if usage == "off_session":
        ledger.mark(method["id"], SET_UP)
