import pytest
import stripe

from sandbox.ready import wait_until
from tests.stand_in import StandIn


def hold(stand_in: StandIn) -> stripe.PaymentIntent:
    return stand_in.new_intent(2000, capture_method="manual", payment_method="pm_card_visa", confirm=True)


def charge_of(stand_in: StandIn) -> dict[str, object]:
    charge: dict[str, object] = stand_in.books()["charges"][0]
    return charge


def test_manual_capture_holds_the_money_first(stand_in: StandIn) -> None:
    intent = hold(stand_in)

    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    charge = charge_of(stand_in)
    assert (charge["captured"], charge["amount_captured"], charge["balance_transaction"]) == (False, 0, None)
    assert charge["status"] == "succeeded"


def test_what_is_held_is_captured_whole(stand_in: StandIn) -> None:
    captured = stand_in.client.v1.payment_intents.capture(hold(stand_in).id)

    assert (captured.status, captured.amount_capturable, captured.amount_received) == ("succeeded", 0, 2000)
    charge = charge_of(stand_in)
    assert (charge["captured"], charge["amount_captured"], charge["amount_refunded"]) == (True, 2000, 0)


def test_a_partial_capture_gives_the_rest_back(stand_in: StandIn) -> None:
    captured = stand_in.client.v1.payment_intents.capture(hold(stand_in).id, {"amount_to_capture": 1500})

    assert (captured.amount, captured.amount_received, captured.amount_capturable) == (2000, 1500, 0)
    charge = charge_of(stand_in)
    assert (charge["amount_captured"], charge["amount_refunded"], charge["refunded"]) == (1500, 500, False)
    assert [row["amount"] for row in stand_in.books()["balance_transactions"]] == [1500]


@pytest.mark.parametrize("amount", [0, 2001])
def test_nothing_and_more_than_is_held_cannot_be_captured(stand_in: StandIn, amount: int) -> None:
    intent = hold(stand_in)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.capture(intent.id, {"amount_to_capture": amount})

    assert (refused.value.code, refused.value.param) == ("amount_too_large", "amount_to_capture")
    assert stand_in.client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_only_what_is_held_can_be_captured(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.capture(stand_in.new_intent().id)

    assert refused.value.code == "payment_intent_unexpected_state"


def test_canceling_gives_everything_back(stand_in: StandIn) -> None:
    canceled = stand_in.client.v1.payment_intents.cancel(hold(stand_in).id)

    assert (canceled.status, canceled.amount_capturable) == ("canceled", 0)
    charge = charge_of(stand_in)
    assert (charge["refunded"], charge["amount_refunded"], charge["captured"]) == (True, 2000, False)
    assert stand_in.books()["balance_transactions"] == []


def test_money_that_nobody_captures_is_given_back_after_seven_days(stand_in: StandIn) -> None:
    intent = hold(stand_in)
    stand_in.in_books("UPDATE appointments SET at = at - 604800")

    wait_until(
        lambda: stand_in.client.v1.payment_intents.retrieve(intent.id).status == "canceled",
        within=5,
        failure="The authorization did not expire",
    )

    assert stand_in.client.v1.payment_intents.retrieve(intent.id).cancellation_reason == "automatic"
    assert charge_of(stand_in)["refunded"] is True


def test_captures_are_told_by_events(stand_in: StandIn) -> None:
    stand_in.client.v1.payment_intents.capture(hold(stand_in).id)

    told = [event.type for event in stand_in.client.v1.events.list().data]

    assert told == [
        "payment_intent.succeeded",
        "charge.captured",
        "payment_intent.amount_capturable_updated",
        "charge.succeeded",
        "payment_intent.created",
    ]


def test_a_bank_debit_cannot_be_captured_manually(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.confirm(intent.id, "pm_usBankAccount_success")

    assert refused.value.param == "capture_method"


def test_a_payment_brings_its_amount_less_the_fee(stand_in: StandIn) -> None:
    intent = stand_in.new_intent(1999, payment_method="pm_card_visa", confirm=True)

    read = stand_in.client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    )

    assert isinstance(read.latest_charge, stripe.Charge)
    brought = read.latest_charge.balance_transaction
    assert isinstance(brought, stripe.BalanceTransaction)
    assert (brought.amount, brought.fee, brought.net, brought.type) == (1999, 88, 1911, "charge")
    assert brought.source == read.latest_charge.id
    client = stand_in.client.v1.balance_transactions
    assert client.retrieve(brought.id).net == 1911
    assert [row.id for row in client.list({"source": read.latest_charge.id}).data] == [brought.id]
    assert client.list({"type": "refund"}).data == []
