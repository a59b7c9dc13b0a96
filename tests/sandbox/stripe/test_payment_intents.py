from typing import Any

import pytest
import stripe

from tests.stand_in import StandIn


def test_a_new_intent_waits_for_a_payment_method(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(1999, metadata={"order": "ORD-1"}, description="Two shoes")

    assert (intent.status, intent.amount, intent.currency) == ("requires_payment_method", 1999, "usd")
    assert intent.metadata.to_dict() == {"order": "ORD-1"}
    assert intent.client_secret is not None
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert stand_in.books()["charges"] == []


def test_a_good_card_pays_once_and_for_good(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()

    paid = stand_in.client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_mastercard", "expand": ["latest_charge", "payment_method"]}
    )

    charge, method = paid.latest_charge, paid.payment_method
    assert isinstance(charge, stripe.Charge)
    assert isinstance(method, stripe.PaymentMethod)
    assert (paid.status, paid.amount_received) == ("succeeded", 1999)
    assert (charge.status, charge.paid, charge.amount_captured) == ("succeeded", True, 1999)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert (charge.payment_method_details.card.brand, charge.payment_method_details.card.last4) == (
        "mastercard",
        "4444",
    )
    assert method.card is not None
    assert method.card.last4 == "4444"


def test_create_can_confirm_at_once(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(
        payment_method="pm_card_visa", confirm=True, return_url="https://shop.example/done"
    )

    assert intent.status == "succeeded"


def test_a_chosen_method_waits_for_confirmation(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(payment_method="pm_card_visa")

    confirmed = stand_in.client.v1.payment_intents.confirm(intent.id)

    assert (intent.status, confirmed.status) == ("requires_confirmation", "succeeded")


def test_cancel_ends_an_unpaid_intent_with_its_reason(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()

    canceled = stand_in.client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert canceled.canceled_at is not None


@pytest.mark.parametrize("operation", ["confirm", "cancel"])
def test_a_paid_intent_can_neither_be_confirmed_nor_canceled(stand_in: StandIn, operation: str) -> None:
    intent = stand_in.new_intent(payment_method="pm_card_visa", confirm=True)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(stand_in.client.v1.payment_intents, operation)(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error is not None
    assert refused.value.error.payment_intent is not None
    assert refused.value.error.payment_intent.status == "succeeded"
    assert len(stand_in.books()["charges"]) == 1


def test_confirm_needs_a_payment_method(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.confirm(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"


def test_update_merges_metadata_and_changes_the_amount(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(metadata={"kept": "1", "dropped": "2"})

    updated = stand_in.client.v1.payment_intents.update(
        intent.id, {"amount": 2500, "metadata": {"dropped": "", "new": "3"}}
    )

    assert updated.amount == 2500
    assert updated.metadata.to_dict() == {"kept": "1", "new": "3"}


def test_the_amount_of_a_paid_intent_stays(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(payment_method="pm_card_visa", confirm=True)

    with pytest.raises(stripe.InvalidRequestError):
        stand_in.client.v1.payment_intents.update(intent.id, {"amount": 1})

    assert stand_in.client.v1.payment_intents.retrieve(intent.id).amount == 1999


def test_an_unknown_intent_is_missing(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.retrieve("pi_nobody")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_allowed_types_are_filtered_and_binding(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(allowed_payment_method_types=["card", "ideal"])

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.confirm(intent.id, "pm_usBankAccount_success")

    assert intent.payment_method_types == ["card"]
    assert refused.value.code == "payment_intent_incompatible_payment_method"
    assert stand_in.client.v1.payment_intents.retrieve(intent.id).payment_method is None


def test_lists_pages_forwards_and_backwards(stand_in: StandIn) -> None:
    ids = [stand_in.new_intent().id for _ in range(5)][::-1]
    intents = stand_in.client.v1.payment_intents

    first = intents.list({"limit": 2})
    second = intents.list({"limit": 2, "starting_after": ids[1]})
    back = intents.list({"limit": 2, "ending_before": ids[3]})

    assert [intent.id for intent in first.data] == ids[:2]
    assert [intent.id for intent in second.data] == ids[2:4]
    assert ([intent.id for intent in back.data], back.has_more) == (ids[1:3], True)
    assert [intent.id for intent in intents.list({"limit": 2}).auto_paging_iter()] == ids


def test_lists_filter_by_time(stand_in: StandIn) -> None:
    created = stand_in.new_intent().created
    intents = stand_in.client.v1.payment_intents
    filters: list[Any] = [{"gte": created}, {"gt": created + 60}, {"lt": created}, {"lte": created + 60}]

    counts = [len(intents.list({"created": wanted}).data) for wanted in filters]

    assert counts == [1, 0, 0, 1]


def test_charges_are_listed_by_intent(stand_in: StandIn) -> None:
    other, intent = stand_in.new_intent(), stand_in.new_intent()
    stand_in.confirm(other.id)
    paid = stand_in.confirm(intent.id)

    listed = stand_in.client.v1.charges.list({"payment_intent": intent.id, "expand": ["data.payment_intent"]})

    assert [charge.id for charge in listed.data] == [paid.latest_charge]
    owner = listed.data[0].payment_intent
    assert isinstance(owner, stripe.PaymentIntent)
    assert owner.status == "succeeded"
    assert stand_in.client.v1.charges.retrieve(listed.data[0].id).amount == 1999
