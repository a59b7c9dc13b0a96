"""Cards that users save at Stripe: begun, learnt of, listed, chosen and removed."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.payments.services import wallets
from tests.buyers import Buyer, make_buyer
from tests.database import change, count, rows
from tests.stand_in import StandIn
from tests.wallets import METHODS, begin, choose, enter, listed, remove, save, tell_last
from tests.work import drain

CARD = {"type": "card", "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "expired": False}


@pytest.fixture
def ada(client: FlaskClient, stripe: StandIn) -> Buyer:
    return make_buyer(client)


def attached(stripe: StandIn) -> list[str]:
    """The payment methods that belong to somebody at the provider."""
    return [each["id"] for each in stripe.books()["payment_methods"] if each["customer"]]


def test_a_card_is_saved_at_the_provider_and_its_face_shown_here(ada: Buyer, stripe: StandIn) -> None:
    answer = ada.post(METHODS)
    setup = answer.get_json()
    enter(stripe, setup)
    ran = tell_last(ada, stripe, "payment_method.attached")

    (kept,) = stripe.books()["setup_intents"]
    (shown,) = listed(ada)
    assert (setup["provider_id"], setup["client_secret"]) == (kept["id"], kept["client_secret"])
    assert (setup["status"], kept["usage"]) == ("requires_payment_method", "on_session")
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown == CARD | {"id": shown["id"], "is_default": True}
    assert ada.get(f"{METHODS}/{shown['id']}").get_json() == shown
    assert ran == ["settlement.process_event", "payments.copy_methods"]


def test_the_provider_is_told_ids_and_nothing_about_the_person(ada: Buyer, stripe: StandIn) -> None:
    begin(ada)

    ((customer_id, user_id),) = rows("SELECT id, user_id FROM provider_customers")
    (customer,) = stripe.books()["customers"]
    assert customer["metadata"] == {"customer_id": str(customer_id), "user_id": str(user_id)}
    assert (customer["email"], customer["name"], customer["phone"]) == (None, None, None)


def test_somebody_who_saves_nothing_has_an_empty_list_and_is_no_customer(ada: Buyer, stripe: StandIn) -> None:
    assert listed(ada) == []
    assert stripe.books()["customers"] == []


def test_a_customer_is_made_once_and_a_repeated_call_is_one_setup(ada: Buyer, stripe: StandIn) -> None:
    first, again, other = begin(ada, "a-key"), begin(ada, "a-key"), begin(ada)

    assert first == again
    assert first["provider_id"] != other["provider_id"]
    assert len(stripe.books()["customers"]) == 1
    assert len(stripe.books()["setup_intents"]) == 2


def test_anothers_key_is_another_setup(client: FlaskClient, ada: Buyer) -> None:
    assert begin(ada, "a-key")["provider_id"] != begin(make_buyer(client), "a-key")["provider_id"]


def test_the_first_is_the_default_until_another_is_chosen(ada: Buyer, stripe: StandIn) -> None:
    visa = save(ada, stripe)
    amex = save(ada, stripe, "pm_card_amex")

    chosen = choose(ada, amex["id"], is_default=True)

    assert (visa["is_default"], amex["is_default"], amex["brand"]) == (True, False, "amex")
    assert (chosen.status_code, chosen.get_json()) == (200, amex | {"is_default": True})
    assert listed(ada) == [amex | {"is_default": True}, visa | {"is_default": False}]
    assert choose(ada, amex["id"], is_default=False).get_json() == amex
    assert [each["is_default"] for each in listed(ada)] == [False, False]


def test_a_removed_card_is_gone_here_at_once_and_there_soon(ada: Buyer, stripe: StandIn) -> None:
    visa, amex = save(ada, stripe), save(ada, stripe, "pm_card_amex")

    statuses = [remove(ada, visa["id"]), remove(ada, visa["id"])]
    between = listed(ada)
    ran = drain()

    assert statuses == [204, 404]
    assert between == listed(ada) == [amex]
    assert ran == ["payments.detach_method", "payments.copy_methods"]
    assert len(attached(stripe)) == 1
    assert rows("SELECT last4 FROM saved_methods") == [("0005",)]
    assert ada.get(f"{METHODS}/{visa['id']}").status_code == 404


def test_nobody_sees_chooses_or_removes_what_is_anothers(
    client: FlaskClient, ada: Buyer, stripe: StandIn
) -> None:
    visa, eve = save(ada, stripe), make_buyer(client)

    for stranger in (eve, make_buyer(client, "admin")):
        for asked in (visa["id"], str(uuid4())):
            assert stranger.get(f"{METHODS}/{asked}").status_code == 404
            assert choose(stranger, asked, is_default=False).status_code == 404
            assert remove(stranger, asked) == 404
        assert listed(stranger) == []
    assert listed(ada) == [visa]


def test_a_card_is_expired_when_its_month_is_over(ada: Buyer, stripe: StandIn) -> None:
    save(ada, stripe)
    found: list[Any] = []

    for months in (0, 1):
        change(
            "UPDATE saved_methods SET exp_year = extract(year FROM day), exp_month = extract(month FROM day)"
            " FROM (SELECT now() - make_interval(months => :months)) AS past(day)",
            months=months,
        )
        found += [each["expired"] for each in listed(ada)]

    assert found == [False, True]


def test_a_wallet_takes_so_many(ada: Buyer, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    save(ada, stripe)
    monkeypatch.setattr(wallets, "MOST_METHODS", 1)

    answer = ada.post(METHODS)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/payment-methods-full")
    assert len(stripe.books()["setup_intents"]) == 1


def test_what_nobody_confirms_is_no_saved_method(ada: Buyer, stripe: StandIn) -> None:
    begin(ada)

    drain()

    assert (listed(ada), count("saved_methods")) == ([], 0)
