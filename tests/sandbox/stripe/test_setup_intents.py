from typing import Any

import pytest
import stripe

from tests.browser import open_page, submit
from tests.stand_in import StandIn

UNLESS_SET_UP = "pm_card_authenticationRequiredOnSetup"
ALWAYS = "pm_card_authenticationRequired"
ALREADY_SET_UP = "pm_card_authenticationRequiredSetupForOffSession"
BACK = "http://shop.example/saved"


def set_up(stand_in: StandIn, method: str, **more: Any) -> stripe.SetupIntent:
    params: Any = {"payment_method": method, "confirm": True, "return_url": BACK, **more}
    return stand_in.client.v1.setup_intents.create(params)


def authenticate(setup: stripe.SetupIntent, button: str = "Complete authentication") -> str | None:
    assert setup.next_action is not None
    assert setup.next_action.redirect_to_url is not None
    page = open_page(str(setup.next_action.redirect_to_url.url))
    return submit(page, "authentication", button=button).location


def saved_card(stand_in: StandIn, name: str) -> tuple[str, str]:
    """A customer, and a payment method of theirs that was set up with its owner there."""
    customer = stand_in.client.v1.customers.create().id
    setup = set_up(stand_in, name, customer=customer)
    if setup.status == "requires_action":
        authenticate(setup)
    return customer, str(setup.payment_method)


def charge_later(stand_in: StandIn, customer: str, method: str, **more: Any) -> stripe.PaymentIntent:
    return stand_in.new_intent(
        customer=customer, payment_method=method, confirm=True, off_session=True, **more
    )


def topics(stand_in: StandIn) -> list[str]:
    events = stand_in.client.v1.events.list({"type": "setup_intent.*"}).data
    return [event.type.removeprefix("setup_intent.") for event in events[::-1]]


def test_a_setup_saves_a_card_for_its_customer(stand_in: StandIn) -> None:
    customer = stand_in.client.v1.customers.create().id

    setup = set_up(stand_in, "pm_card_visa", customer=customer, metadata={"a": "b"})

    assert setup.id.startswith("seti_")
    assert (setup.status, setup.usage, setup.customer) == ("succeeded", "off_session", customer)
    assert setup.metadata is not None
    assert setup.metadata.to_dict() == {"a": "b"}
    (saved,) = stand_in.client.v1.customers.payment_methods.list(customer).data
    assert saved.id == setup.payment_method
    assert stand_in.books()["charges"] == []
    assert topics(stand_in) == ["created", "succeeded"]


def test_a_setup_waits_for_its_method_and_its_confirmation(stand_in: StandIn) -> None:
    setups = stand_in.client.v1.setup_intents
    setup = setups.create()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        setups.confirm(setup.id)

    chosen = setups.update(setup.id, {"payment_method": "pm_card_visa", "description": "For later"})
    confirmed = setups.confirm(setup.id)

    assert refused.value.code == "setup_intent_unexpected_state"
    assert setup.status == "requires_payment_method"
    assert (chosen.status, chosen.description) == ("requires_confirmation", "For later")
    assert confirmed.status == "succeeded"
    assert setups.retrieve(setup.id).status == "succeeded"


def test_a_declining_card_is_not_set_up_but_another_can_be(stand_in: StandIn) -> None:
    setups = stand_in.client.v1.setup_intents
    setup = setups.create()

    with pytest.raises(stripe.CardError) as declined:
        setups.confirm(setup.id, {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"})

    failed = setups.retrieve(setup.id)
    assert declined.value.error is not None
    assert declined.value.error.decline_code == "insufficient_funds"
    assert declined.value.error.setup_intent is not None
    assert failed.last_setup_error is not None
    assert failed.last_setup_error.code == "card_declined"
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert setups.confirm(setup.id, {"payment_method": "pm_card_visa"}).last_setup_error is None
    assert topics(stand_in) == ["created", "setup_failed", "succeeded"]


def test_a_buyer_proves_who_they_are_and_comes_back(stand_in: StandIn) -> None:
    setup = set_up(stand_in, UNLESS_SET_UP)

    location = authenticate(setup)

    secret = f"setup_intent_client_secret={setup.client_secret}"
    assert setup.status == "requires_action"
    assert location == f"{BACK}?setup_intent={setup.id}&{secret}&redirect_status=succeeded"
    assert stand_in.client.v1.setup_intents.retrieve(setup.id).status == "succeeded"
    assert topics(stand_in) == ["created", "requires_action", "succeeded"]


def test_a_buyer_who_cannot_prove_it_saves_nothing(stand_in: StandIn) -> None:
    customer = stand_in.client.v1.customers.create().id
    setup = set_up(stand_in, ALWAYS, customer=customer)

    location = authenticate(setup, "Fail authentication")

    failed = stand_in.client.v1.setup_intents.retrieve(setup.id)
    assert str(location).endswith("redirect_status=failed")
    assert failed.status == "requires_payment_method"
    assert failed.last_setup_error is not None
    assert failed.last_setup_error.code == "setup_intent_authentication_failure"
    assert stand_in.client.v1.customers.payment_methods.list(customer).data == []
    assert topics(stand_in) == ["created", "requires_action", "setup_failed"]


def test_an_unfinished_setup_can_be_canceled(stand_in: StandIn) -> None:
    setups = stand_in.client.v1.setup_intents
    setup = setups.create()

    canceled = setups.cancel(setup.id, {"cancellation_reason": "abandoned"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    for operation in (setups.confirm, setups.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            operation(setup.id)
        assert refused.value.code == "setup_intent_unexpected_state"
    assert topics(stand_in) == ["created", "canceled"]


def test_setups_are_listed_by_customer(stand_in: StandIn) -> None:
    customer = stand_in.client.v1.customers.create().id
    setups = stand_in.client.v1.setup_intents
    setups.create()
    wanted = setups.create({"customer": customer})

    assert [setup.id for setup in setups.list({"customer": customer}).data] == [wanted.id]
    assert len(setups.list().data) == 2


def test_types_of_a_setup_are_binding(stand_in: StandIn) -> None:
    setups = stand_in.client.v1.setup_intents
    setup = setups.create({"allowed_payment_method_types": ["card"]})

    with pytest.raises(stripe.InvalidRequestError):
        setups.confirm(setup.id, {"payment_method": "pm_usBankAccount_success"})

    assert setup.payment_method_types == ["card"]


@pytest.mark.parametrize("name", ["pm_card_visa", UNLESS_SET_UP, ALREADY_SET_UP])
def test_a_card_that_was_set_up_pays_while_its_owner_is_away(stand_in: StandIn, name: str) -> None:
    customer, method = saved_card(stand_in, name)

    assert charge_later(stand_in, customer, method).status == "succeeded"


def test_a_card_that_always_asks_is_declined_while_its_owner_is_away(stand_in: StandIn) -> None:
    customer, method = saved_card(stand_in, ALWAYS)

    with pytest.raises(stripe.CardError) as declined:
        charge_later(stand_in, customer, method)

    error = declined.value.error
    assert error is not None
    assert (declined.value.code, error.decline_code) == ("authentication_required", "authentication_required")
    assert error.payment_intent is not None
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_method is not None
    assert error.payment_method.id == method
    again = stand_in.client.v1.payment_intents.confirm(
        error.payment_intent.id, {"payment_method": method, "return_url": BACK}
    )
    assert again.status == "requires_action"


def test_a_card_that_was_only_attached_is_declined_while_its_owner_is_away(stand_in: StandIn) -> None:
    customer = stand_in.client.v1.customers.create().id
    method = stand_in.client.v1.payment_methods.attach(UNLESS_SET_UP, {"customer": customer}).id

    with pytest.raises(stripe.CardError) as declined:
        charge_later(stand_in, customer, method)

    assert declined.value.code == "authentication_required"


def test_off_session_goes_with_confirm_only(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.new_intent(off_session=True)

    assert refused.value.param == "off_session"
