import pytest
import stripe

from tests.stand_in import StandIn


def test_a_customer_is_made_read_and_changed(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    metadata = {"kept": "1", "gone": "2"}
    made = customers.create({"email": "ada@example.com", "name": "Ada", "metadata": metadata})

    customers.update(made.id, {"name": "", "phone": "+4930123", "metadata": {"gone": "", "new": "3"}})
    read = customers.retrieve(made.id)

    assert made.id.startswith("cus_")
    assert (read.email, read.name, read.phone) == ("ada@example.com", None, "+4930123")
    assert read.metadata is not None
    assert read.metadata.to_dict() == {"kept": "1", "new": "3"}
    assert read.created == made.created


def test_an_update_tells_what_was_before(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    made = customers.create({"email": "ada@example.com"})

    customers.update(made.id, {"email": "lovelace@example.com"})

    told = stand_in.client.v1.events.list({"type": "customer.updated"}).data[0]
    assert told.data.object["email"] == "lovelace@example.com"
    assert told.data.previous_attributes is not None
    assert told.data.to_dict()["previous_attributes"] == {"email": "ada@example.com"}


def test_a_deleted_customer_is_gone_from_lists_and_payments(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    made = customers.create({"email": "ada@example.com", "payment_method": "pm_card_visa"})

    deleted = customers.delete(made.id)

    assert (deleted.id, deleted.deleted) == (made.id, True)
    assert customers.retrieve(made.id).deleted is True
    assert customers.list().data == []
    assert [method["customer"] for method in stand_in.books()["payment_methods"]] == [None]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.new_intent(customer=made.id)
    assert (refused.value.code, refused.value.param) == ("resource_missing", "customer")


def test_customers_are_listed_by_email(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    ada = customers.create({"email": "ada@example.com"})
    bob = customers.create({"email": "bob@example.com"})

    assert [customer.id for customer in customers.list().data] == [bob.id, ada.id]
    assert [customer.id for customer in customers.list({"email": "ada@example.com"}).data] == [ada.id]
    assert customers.list({"email": "eve@example.com"}).data == []


def test_what_is_no_email_address_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.customers.create({"email": "nobody"})

    assert (refused.value.code, refused.value.param) == ("email_invalid", "email")
    assert stand_in.books()["customers"] == []


def test_a_default_method_must_be_the_customers_and_can_be_expanded(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    made = customers.create({"payment_method": "pm_card_visa"})
    method = customers.payment_methods.list(made.id).data[0]
    stranger = stand_in.client.v1.payment_methods.retrieve("pm_card_visa")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        customers.update(made.id, {"invoice_settings": {"default_payment_method": stranger.id}})
    updated = customers.update(
        made.id,
        {
            "invoice_settings": {"default_payment_method": method.id},
            "expand": ["invoice_settings.default_payment_method"],
        },
    )

    assert refused.value.param == "invoice_settings[default_payment_method]"
    assert updated.invoice_settings is not None
    default = updated.invoice_settings.default_payment_method
    assert isinstance(default, stripe.PaymentMethod)
    assert default.id == method.id
    stand_in.client.v1.payment_methods.detach(method.id)
    left = customers.retrieve(made.id).invoice_settings
    assert left is not None
    assert left.default_payment_method is None


def test_customers_are_told_by_events(stand_in: StandIn) -> None:
    customers = stand_in.client.v1.customers
    made = customers.create()
    customers.update(made.id, {"name": "Ada"})
    customers.delete(made.id)

    told = stand_in.client.v1.events.list({"type": "customer.*"}).data

    assert [event.type for event in told] == ["customer.deleted", "customer.updated", "customer.created"]
