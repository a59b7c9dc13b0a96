import pytest
import stripe
from stripe.params import PaymentMethodCreateParams

from sandbox.ready import wait_until
from tests.stand_in import StandIn

DECLINES = [
    ("pm_card_chargeDeclined", "4000000000000002", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclined", "4000000000000002", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "4000000000000119", "processing_error", None),
]


def card(number: str, year: int = 2035) -> PaymentMethodCreateParams:
    return {"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": year, "cvc": "123"}}


@pytest.mark.parametrize(("name", "number", "code", "decline_code"), DECLINES)
def test_a_declined_card_declines_by_name_and_by_number(
    stand_in: StandIn, name: str, number: str, code: str, decline_code: str | None
) -> None:
    method = stand_in.client.v1.payment_methods.create(card(number))
    intent = stand_in.new_intent()

    for declining in (name, method.id):
        with pytest.raises(stripe.CardError) as declined:
            stand_in.confirm(intent.id, declining)
        error = declined.value.error
        assert error is not None
        assert (declined.value.http_status, declined.value.code) == (402, code)
        assert getattr(error, "decline_code", None) == decline_code
        assert error.payment_intent is not None
        assert error.payment_intent.status == "requires_payment_method"

    assert [charge["status"] for charge in stand_in.books()["charges"]] == ["failed", "failed"]


def test_a_declined_intent_tells_why_and_can_still_be_paid(stand_in: StandIn) -> None:
    intents = stand_in.client.v1.payment_intents
    intent = stand_in.new_intent()
    with pytest.raises(stripe.CardError):
        stand_in.confirm(intent.id, "pm_card_chargeDeclined")

    declined = intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    paid = stand_in.confirm(intent.id)

    assert declined.last_payment_error is not None
    assert declined.last_payment_error.code == "card_declined"
    assert (declined.status, declined.payment_method) == ("requires_payment_method", None)
    charge = declined.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.status, charge.failure_code, charge.amount_captured) == ("failed", "card_declined", 0)
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_a_decline_while_creating_leaves_the_intent(stand_in: StandIn) -> None:
    with pytest.raises(stripe.CardError) as declined:
        stand_in.new_intent(payment_method="pm_card_chargeDeclined", confirm=True)

    error = declined.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert [intent["id"] for intent in stand_in.books()["payment_intents"]] == [error.payment_intent.id]


@pytest.mark.parametrize(
    ("number", "year", "code"),
    [
        ("4242424242424241", 2035, "incorrect_number"),
        ("4012888888881881", 2035, "card_declined"),
        ("4242424242424242", 2019, "invalid_expiry_year"),
    ],
)
def test_a_card_that_cannot_be_is_refused(stand_in: StandIn, number: str, year: int, code: str) -> None:
    with pytest.raises(stripe.CardError) as refused:
        stand_in.client.v1.payment_methods.create(card(number, year))

    assert refused.value.code == code
    assert stand_in.books()["payment_methods"] == []


def test_a_test_name_gives_a_fresh_method_each_time(stand_in: StandIn) -> None:
    retrieve = stand_in.client.v1.payment_methods.retrieve

    first, second = retrieve("pm_card_amex"), retrieve("pm_card_amex")

    assert first.id != second.id
    assert first.card is not None
    assert (first.card.brand, first.card.last4) == ("amex", "0005")
    assert retrieve(first.id).id == first.id


def test_a_debit_is_processing_and_succeeds_later(stand_in: StandIn) -> None:
    intent = stand_in.confirm(stand_in.new_intent().id, "pm_usBankAccount_success")

    settled = wait_for_settlement(stand_in, intent.id)

    assert (intent.status, settled.status) == ("processing", "succeeded")
    assert [charge["status"] for charge in stand_in.books()["charges"]] == ["succeeded"]


def test_a_debit_can_fail_later(stand_in: StandIn) -> None:
    intent = stand_in.confirm(stand_in.new_intent().id, "pm_usBankAccount_insufficientFunds")

    settled = wait_for_settlement(stand_in, intent.id)

    assert settled.status == "requires_payment_method"
    assert settled.last_payment_error is not None
    assert settled.last_payment_error.code == "insufficient_funds"


def test_a_debit_that_stays_in_processing_can_be_canceled(stand_in: StandIn) -> None:
    intent = stand_in.confirm(stand_in.new_intent().id, "pm_usBankAccount_processing")

    canceled = stand_in.client.v1.payment_intents.cancel(intent.id)

    assert (intent.status, canceled.status) == ("processing", "canceled")


def wait_for_settlement(stand_in: StandIn, intent_id: str) -> stripe.PaymentIntent:
    retrieve = stand_in.client.v1.payment_intents.retrieve
    wait_until(
        lambda: retrieve(intent_id).status != "processing", within=5, failure="The bank has not answered"
    )
    return retrieve(intent_id)
