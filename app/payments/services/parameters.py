"""What the provider is asked for: the exact parameters, kept with the payment before the call."""

from dataclasses import dataclass
from uuid import UUID

from app.payments.gateway.protocol import SESSION, TRANSFER
from app.platform.db import Json

PERSONAL = "customer_email"


SAVED = ("customer", "payment_method", "confirm", "expand")
"""What only a call that pays by a saved method has."""


@dataclass(frozen=True, slots=True)
class SavedWay:
    """A payment method that the buyer has saved, and whose it is, by the provider's ids."""

    customer_id: str
    method_id: str


@dataclass(frozen=True, slots=True)
class Way:
    """How the buyer wants to pay; the URLs are where a hosted page sends them, the shop's own when None.

    With a `saved` method the payment is attempted as it is opened.
    """

    flow: str
    success_url: str | None = None
    cancel_url: str | None = None
    saved: SavedWay | None = None


@dataclass(frozen=True, slots=True)
class Payable:
    """What of an order its payment must know; `amount` in minor units."""

    order_id: UUID
    number: str
    email: str
    amount: int
    currency: str


def parameters_of(payment_id: UUID, payable: Payable, way: Way, *, public_url: str) -> Json:
    """The parameters of the call that opens a payment; its end, if it has one, is added when it is sent."""
    metadata = {"payment_id": str(payment_id), "order_id": str(payable.order_id)}
    currency = payable.currency.lower()
    if way.flow == TRANSFER:
        facts: Json = {"amount": payable.amount, "currency": currency}
        return facts | {"reference": payable.number, "metadata": metadata}
    if way.flow != SESSION:
        return {
            "amount": payable.amount,
            "currency": currency,
            # The shop has no page to come back to. A card's 3-D Secure is none of the redirects meant here.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": metadata,
            **(_by(way.saved) if way.saved else {}),
        }
    # One line of the total: exact to the cent, and what was bought stays in this house.
    price = {
        "currency": currency,
        "unit_amount": payable.amount,
        "product_data": {"name": f"Order {payable.number}"},
    }
    back = f"{public_url}/?order={payable.number}&payment="
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "adaptive_pricing": {"enabled": False},  # money in another currency would not fit the order
        "client_reference_id": str(payable.order_id),
        PERSONAL: payable.email,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "success_url": way.success_url or f"{back}succeeded",
        "cancel_url": way.cancel_url or f"{back}cancelled",
    }


def _by(saved: SavedWay) -> Json:
    method = {"customer": saved.customer_id, "payment_method": saved.method_id}
    return method | {"confirm": True, "expand": ["latest_charge"]}


def without_saved(parameters: Json) -> Json:
    """The parameters of a call that opens the same payment for another way to pay it."""
    return {name: value for name, value in parameters.items() if name not in SAVED}


def without_personal(parameters: Json) -> Json:
    """The parameters as they are kept once no call needs them: without the buyer's address."""
    return {name: value for name, value in parameters.items() if name != PERSONAL}
