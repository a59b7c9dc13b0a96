"""Buyers who save cards: at the shop, at the stand-in, and in what the shop learns of it."""

from typing import Any

from tests.buyers import Buyer
from tests.database import change
from tests.stand_in import StandIn
from tests.webhooks import deliver
from tests.work import drain

METHODS = "/v1/users/me/payment-methods"


def begin(buyer: Buyer, key: str | None = None) -> dict[str, Any]:
    """What the shop answers to somebody who wants to save a card."""
    answer = buyer.post(METHODS, key=key)
    assert answer.status_code == 201
    setup: dict[str, Any] = answer.get_json()
    return setup


def enter(stripe: StandIn, setup: dict[str, Any], card: str = "pm_card_visa") -> str:
    """What Stripe's form does with a card; the payment method's id there."""
    confirmed = stripe.client.v1.setup_intents.confirm(setup["provider_id"], {"payment_method": card})
    return str(confirmed.payment_method)


def save(buyer: Buyer, stripe: StandIn, card: str = "pm_card_visa") -> dict[str, Any]:
    """A card that the buyer has saved, as the shop shows it, told by the webhook."""
    before = {each["id"] for each in listed(buyer)}
    enter(stripe, begin(buyer), card)
    tell_last(buyer, stripe, "payment_method.attached")
    (new,) = (each for each in listed(buyer) if each["id"] not in before)
    return new


def listed(buyer: Buyer) -> list[dict[str, Any]]:
    """The buyer's saved payment methods."""
    items: list[dict[str, Any]] = buyer.get(METHODS).get_json()["items"]
    return items


def choose(buyer: Buyer, method_id: str, *, is_default: bool) -> Any:
    """Make it the default, or not."""
    return buyer.client.patch(
        f"{METHODS}/{method_id}", headers=buyer.headers, json={"is_default": is_default}
    )


def remove(buyer: Buyer, method_id: str) -> int:
    """Take it away; the status of the answer."""
    return buyer.client.delete(f"{METHODS}/{method_id}", headers=buyer.headers).status_code


def tell_last(buyer: Buyer, stripe: StandIn, topic: str) -> list[str]:
    """Hand over the last event of this type, and do the work that follows."""
    event = [each for each in stripe.books()["events"] if each["type"] == topic][-1]
    deliver(buyer.client, event)
    return drain()


def let_time_pass() -> None:
    """What is looked out for is to be asked about now."""
    change("UPDATE provider_customers SET ask_after = now() WHERE ask_after IS NOT NULL")
