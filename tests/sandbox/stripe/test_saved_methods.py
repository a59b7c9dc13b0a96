import pytest
import stripe

from tests.stand_in import StandIn


def new_customer(stand_in: StandIn) -> str:
    return stand_in.client.v1.customers.create().id


def test_attaching_a_test_name_makes_a_method_of_the_customers_own(stand_in: StandIn) -> None:
    ada, bob = new_customer(stand_in), new_customer(stand_in)
    methods = stand_in.client.v1.payment_methods

    first = methods.attach("pm_card_visa", {"customer": ada})
    second = methods.attach("pm_card_visa", {"customer": bob})

    assert (first.customer, second.customer) == (ada, bob)
    assert first.id != second.id
    assert methods.attach(first.id, {"customer": ada}).id == first.id
    with pytest.raises(stripe.InvalidRequestError):
        methods.attach(first.id, {"customer": bob})


@pytest.mark.parametrize(
    ("name", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ],
)
def test_a_declining_card_is_declined_when_it_is_attached(
    stand_in: StandIn, name: str, code: str, decline_code: str | None
) -> None:
    customer = new_customer(stand_in)

    with pytest.raises(stripe.CardError) as declined:
        stand_in.client.v1.payment_methods.attach(name, {"customer": customer})

    assert declined.value.code == code
    assert getattr(declined.value.error, "decline_code", None) == decline_code
    assert stand_in.books()["payment_methods"] == []


def test_a_card_that_fails_later_can_be_attached_but_not_charged(stand_in: StandIn) -> None:
    customer = new_customer(stand_in)

    method = stand_in.client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})

    with pytest.raises(stripe.CardError):
        stand_in.new_intent(customer=customer, payment_method=method.id, confirm=True)


def test_a_saved_method_pays_again_and_again_but_only_for_its_customer(stand_in: StandIn) -> None:
    ada, bob = new_customer(stand_in), new_customer(stand_in)
    method = stand_in.client.v1.payment_methods.attach("pm_card_visa", {"customer": ada}).id

    for _ in range(2):
        paid = stand_in.new_intent(customer=ada, payment_method=method, confirm=True)
        assert (paid.status, paid.customer) == ("succeeded", ada)

    for stranger in ("", bob):
        with pytest.raises(stripe.InvalidRequestError):
            stand_in.new_intent(payment_method=method, confirm=True, customer=stranger)
    assert [charge["customer"] for charge in stand_in.books()["charges"]] == [ada, ada]


def test_a_method_that_paid_without_a_customer_or_was_detached_is_used_up(stand_in: StandIn) -> None:
    customer = new_customer(stand_in)
    methods = stand_in.client.v1.payment_methods
    used = methods.retrieve("pm_card_visa").id
    stand_in.confirm(stand_in.new_intent().id, used)
    detached = methods.attach("pm_card_visa", {"customer": customer}).id
    methods.detach(detached)

    for spent in (used, detached):
        with pytest.raises(stripe.InvalidRequestError):
            stand_in.confirm(stand_in.new_intent().id, spent)
        with pytest.raises(stripe.InvalidRequestError):
            methods.attach(spent, {"customer": customer})
    with pytest.raises(stripe.InvalidRequestError):
        methods.detach(detached)


def test_a_payment_can_save_its_method(stand_in: StandIn) -> None:
    customer = new_customer(stand_in)

    stand_in.new_intent(
        customer=customer, payment_method="pm_card_visa", confirm=True, setup_future_usage="off_session"
    )

    saved = stand_in.client.v1.customers.payment_methods.list(customer).data
    assert [method.customer for method in saved] == [customer]
    again = stand_in.new_intent(customer=customer, payment_method=saved[0].id, confirm=True)
    assert again.status == "succeeded"


def test_methods_are_listed_by_customer_and_type(stand_in: StandIn) -> None:
    ada, bob = new_customer(stand_in), new_customer(stand_in)
    client = stand_in.client.v1
    card = client.payment_methods.attach("pm_card_visa", {"customer": ada}).id
    account = client.payment_methods.attach("pm_usBankAccount_success", {"customer": ada}).id
    client.payment_methods.attach("pm_card_amex", {"customer": bob})

    everything = client.payment_methods.list({"customer": ada}).data
    cards = client.payment_methods.list({"customer": ada, "type": "card"}).data
    accounts = client.customers.payment_methods.list(ada, {"type": "us_bank_account"}).data

    assert [method.id for method in everything] == [account, card]
    assert [method.id for method in cards] == [card]
    assert [method.id for method in accounts] == [account]
    assert client.customers.payment_methods.retrieve(ada, card).id == card
    with pytest.raises(stripe.InvalidRequestError):
        client.customers.payment_methods.retrieve(bob, card)


def test_contact_and_expiry_of_a_saved_method_can_change(stand_in: StandIn) -> None:
    customer = new_customer(stand_in)
    methods = stand_in.client.v1.payment_methods
    method = methods.attach("pm_card_visa", {"customer": customer})

    changed = methods.update(
        method.id,
        {
            "billing_details": {"name": "Ada", "address": {"city": "London"}},
            "card": {"exp_year": 2040},
            "metadata": {"a": "b"},
        },
    )

    assert changed.card is not None
    assert (changed.card.exp_year, changed.card.exp_month) == (2040, 12)
    assert changed.billing_details.name == "Ada"
    assert changed.billing_details.address is not None
    assert (changed.billing_details.address.city, changed.billing_details.address.line1) == ("London", None)
    with pytest.raises(stripe.CardError):
        methods.update(method.id, {"card": {"exp_year": 2019}})
    with pytest.raises(stripe.InvalidRequestError):
        methods.update(methods.retrieve("pm_card_visa").id, {"metadata": {"a": "b"}})


def test_saved_methods_are_told_by_events(stand_in: StandIn) -> None:
    customer = new_customer(stand_in)
    methods = stand_in.client.v1.payment_methods
    method = methods.attach("pm_card_visa", {"customer": customer}).id
    methods.update(method, {"metadata": {"a": "b"}})
    methods.detach(method)

    told = stand_in.client.v1.events.list({"type": "payment_method.*"}).data

    assert [event.type for event in told] == [
        "payment_method.detached",
        "payment_method.updated",
        "payment_method.attached",
    ]
    assert told[0].data.to_dict()["previous_attributes"] == {"customer": customer}
