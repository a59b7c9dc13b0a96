"""The stand-in's objects against Stripe's published samples, where these are at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stand_in import ROOT, StandIn

SAMPLES = Path(os.environ.get("STRIPE_FIXTURES", ROOT / "../shared/stripe/fixtures3.json"))
KINDS = {
    "payment_intents": stripe.PaymentIntent,
    "charges": stripe.Charge,
    "payment_methods": stripe.PaymentMethod,
    "customers": stripe.Customer,
    "balance_transactions": stripe.BalanceTransaction,
    "refunds": stripe.Refund,
    "setup_intents": stripe.SetupIntent,
    "disputes": stripe.Dispute,
    "webhook_endpoints": stripe.WebhookEndpoint,
    "events": stripe.Event,
    "checkout_sessions": stripe.checkout.Session,
}
SAMPLE_NAMES = {"checkout_sessions": "checkout.session"}


@pytest.mark.skipif(not SAMPLES.exists(), reason="Stripe's sample objects are not beside this checkout")
@pytest.mark.parametrize("kind", KINDS)
def test_objects_have_the_fields_and_types_of_stripes_samples(stand_in: StandIn, kind: str) -> None:
    with pytest.raises(stripe.CardError):
        stand_in.new_intent(payment_method="pm_card_chargeDeclined", confirm=True)
    stand_in.new_intent(payment_method="pm_card_visa", confirm=True, metadata={"a": "b"})
    stand_in.new_session()
    refunded, disputed = stand_in.pay(), stand_in.pay()
    stand_in.client.v1.refunds.create({"payment_intent": refunded.id, "amount": 100})
    stand_in.order(f"charges/{disputed.latest_charge}/dispute")
    stand_in.client.v1.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True})
    stand_in.client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:1/", "enabled_events": ["payout.paid"]}
    )
    stand_in.client.v1.customers.create({"name": "Ada", "address": {"city": "London"}})
    sample = json.loads(SAMPLES.read_text())["resources"][SAMPLE_NAMES.get(kind, kind.removesuffix("s"))]

    made = stand_in.books()[kind]
    assert made
    for ours in made:
        known_to_the_sdk = set(KINDS[kind].__annotations__)
        assert sample.keys() <= ours.keys() <= sample.keys() | known_to_the_sdk
        assert list(differences(sample, ours, kind)) == []


def differences(sample: Any, ours: Any, path: str) -> list[str]:
    """Where a field of the sample is missing or of another type; null goes with everything."""
    if sample is None or ours is None:
        return []
    if type(sample) is not type(ours):
        return [f"{path}: {type(ours).__name__} instead of {type(sample).__name__}"]
    if not isinstance(sample, dict) or path.endswith((".metadata", "events.data.object")):
        return []
    missing = [f"{path}.{name}: missing" for name in sample.keys() - ours.keys()]
    return missing + [
        found
        for name in sample.keys() & ours.keys()
        for found in differences(sample[name], ours[name], f"{path}.{name}")
    ]
