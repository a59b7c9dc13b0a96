"""A purchase by the generated Python client. Words: API, Stripe, publishable key, SKU; prints the order."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid4

import httpx
from backroom_client import AuthenticatedClient, Client
from backroom_client.api.account import register
from backroom_client.api.cart import add_item
from backroom_client.api.checkout import check_out
from backroom_client.api.orders import get_order
from backroom_client.api.payments import get_payment
from backroom_client.models import (
    AddItem,
    Address,
    Cart,
    Checkout,
    CheckoutRequest,
    CheckoutRequestPaymentFlow,
    Order,
    Payment,
    Register,
    SignedIn,
)

Found = TypeVar("Found")


def main(api: str, stripe: str, publishable_key: str, sku: str) -> None:
    client = signed_in(api)
    cart = add_item.sync(client=client, body=AddItem(sku=sku, quantity=2))
    assert isinstance(cart, Cart), cart
    placed = check_out.sync(client=client, idempotency_key=str(uuid4()), body=wish(cart))
    assert isinstance(placed, Checkout), placed
    payment = placed.payment
    assert isinstance(payment, Payment), placed
    secret = awaited(lambda: secret_of(client, payment.id))
    pay_by_card(secret, stripe=stripe, key=publishable_key)
    print(awaited(lambda: paid(client, placed.order.id)).id)  # noqa: T201  # what the caller reads


def signed_in(api: str) -> AuthenticatedClient:
    person = Register(email=f"buyer-{uuid4()}@example.com", password=str(uuid4()), full_name="Penny Python")
    login = register.sync(client=Client(api), body=person)
    assert isinstance(login, SignedIn), login
    return AuthenticatedClient(api, token=login.access_token)


def wish(cart: Cart) -> CheckoutRequest:
    home = Address(name="Penny Python", line1="1 Main Street", city="Springfield", country="US")
    return CheckoutRequest(
        shipping_address=home,
        shipping_method="standard",
        payment_flow=CheckoutRequestPaymentFlow.PAYMENT_INTENT,
        expected_total=cart.totals.total,
    )


def secret_of(client: AuthenticatedClient, payment_id: UUID) -> str | None:
    payment = get_payment.sync(payment_id, client=client)
    assert isinstance(payment, Payment), payment
    return payment.client_secret


def paid(client: AuthenticatedClient, order_id: UUID) -> Order | None:
    order = get_order.sync(str(order_id), client=client)
    assert isinstance(order, Order), order
    return order if order.payment_status == "paid" else None


def pay_by_card(secret: str, *, stripe: str, key: str) -> None:
    """What a card form does in the buyer's browser."""
    form = {"client_secret": secret, "payment_method": "pm_card_visa"}
    intent = secret.split("_secret_")[0]
    answer = httpx.post(f"{stripe}/v1/payment_intents/{intent}/confirm", data=form, auth=(key, ""))
    assert answer.is_success, answer.text


def awaited(look: Callable[[], Found | None]) -> Found:
    deadline = time.monotonic() + 60
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it did not come within a minute"
        time.sleep(0.2)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
