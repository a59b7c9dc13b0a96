from typing import Any

import pytest
import stripe

from tests.browser import Page, open_page, submit
from tests.stand_in import PUBLISHABLE_KEY, StandIn

BACK = "http://shop.example/back?order=1"
AUTHENTICATED = "payment_intent_authentication_failure"


def demand(stand_in: StandIn, method: str = "pm_card_threeDSecure2Required") -> stripe.PaymentIntent:
    return stand_in.new_intent(payment_method=method, confirm=True, return_url=BACK)


def page_of(intent: stripe.PaymentIntent) -> Page:
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    return open_page(intent.next_action.redirect_to_url.url)


def way_back(intent: stripe.PaymentIntent, status: str) -> str:
    secret = f"payment_intent_client_secret={intent.client_secret}"
    return f"{BACK}&payment_intent={intent.id}&{secret}&redirect_status={status}"


def topics(stand_in: StandIn) -> list[str]:
    return [event["type"] for event in stand_in.books()["events"]]


def test_an_authenticated_buyer_pays_and_comes_back(stand_in: StandIn) -> None:
    waiting = demand(stand_in)
    before = stand_in.books()["charges"]

    answer = submit(page_of(waiting), "authentication", button="Complete authentication")

    paid = stand_in.client.v1.payment_intents.retrieve(waiting.id, {"expand": ["latest_charge"]})
    assert (waiting.status, before) == ("requires_action", [])
    assert (answer.status, answer.location) == (303, way_back(waiting, "succeeded"))
    assert (paid.status, paid.amount_received, paid.next_action) == ("succeeded", 1999, None)
    assert isinstance(paid.latest_charge, stripe.Charge)
    details = paid.latest_charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert details.card.three_d_secure is not None
    assert details.card.three_d_secure.result == "authenticated"
    assert topics(stand_in) == [
        "payment_intent.created",
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_failed_authentication_charges_nothing_and_wants_another_card(stand_in: StandIn) -> None:
    waiting = demand(stand_in)

    answer = submit(page_of(waiting), "authentication", button="Fail authentication")

    failed = stand_in.client.v1.payment_intents.retrieve(waiting.id)
    assert answer.location == way_back(waiting, "failed")
    assert (failed.status, failed.payment_method, failed.next_action) == (
        "requires_payment_method",
        None,
        None,
    )
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == AUTHENTICATED
    assert topics(stand_in)[-1] == "payment_intent.payment_failed"
    assert stand_in.books()["charges"] == []
    assert stand_in.confirm(waiting.id).status == "succeeded"


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [
        ("4000002760003184", None),
        ("4000002500003155", None),
        ("4000000000003220", None),
        ("4000008260003178", "insufficient_funds"),
        ("4000008400001629", "generic_decline"),
    ],
)
def test_each_card_goes_its_documented_way(stand_in: StandIn, number: str, decline_code: str | None) -> None:
    method = stand_in.client.v1.payment_methods.create(
        {"type": "card", "card": {"number": number, "exp_month": 1, "exp_year": 2035, "cvc": "123"}}
    )
    waiting = demand(stand_in, method.id)

    answer = submit(page_of(waiting), "authentication", button="Complete authentication")

    done = stand_in.client.v1.payment_intents.retrieve(waiting.id)
    error = done.last_payment_error
    assert (error and error.decline_code) == decline_code
    assert done.status == ("requires_payment_method" if decline_code else "succeeded")
    assert answer.location == way_back(waiting, "failed" if decline_code else "succeeded")


def test_without_a_return_url_the_page_is_where_the_browser_library_finds_it(stand_in: StandIn) -> None:
    automatic = {"enabled": True, "allow_redirects": "never"}
    intent = stand_in.new_intent(automatic_payment_methods=automatic)
    browser = stand_in.client_with(PUBLISHABLE_KEY)
    form: Any = {"client_secret": intent.client_secret, "payment_method": "pm_card_authenticationRequired"}

    waiting = browser.v1.payment_intents.confirm(intent.id, form)
    assert waiting.next_action is not None
    assert waiting.next_action.use_stripe_sdk is not None
    page = open_page(waiting.next_action.use_stripe_sdk["stripe_js"])
    answer = submit(page, "authentication", button="Complete authentication")

    assert (waiting.status, waiting.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert (answer.status, answer.location) == (200, None)
    assert stand_in.client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_an_authentication_happens_once(stand_in: StandIn) -> None:
    waiting, canceled = demand(stand_in), demand(stand_in)
    pages = [page_of(waiting), page_of(canceled)]
    submit(pages[0], "authentication", button="Complete authentication")
    stand_in.client.v1.payment_intents.cancel(canceled.id)

    answers = [submit(page, "authentication", button="Complete authentication") for page in pages]

    assert [answer.status for answer in answers] == [409, 409]
    assert "canceled" in open_page(pages[1].url).text
    assert len(stand_in.books()["charges"]) == 1


def test_the_page_needs_the_client_secret_and_a_known_outcome(stand_in: StandIn) -> None:
    page = page_of(demand(stand_in))

    assert open_page(page.url + "x").status == 404
    assert submit(page, "authentication").status == 400
    assert stand_in.books()["payment_intents"][0]["status"] == "requires_action"


def test_a_return_url_must_be_one(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.new_intent(payment_method="pm_card_threeDSecure2Required", confirm=True, return_url="here")

    assert refused.value.param == "return_url"
    assert stand_in.books()["payment_intents"] == []


@pytest.mark.parametrize("fails_first", [False, True])
def test_a_session_is_paid_through_the_bank(stand_in: StandIn, *, fails_first: bool) -> None:
    session = stand_in.new_session()
    card = {"number": "4000002760003184", "expiry": "12/34", "cvc": "123"}
    page = open_page(session.url)
    if fails_first:
        bank = open_page(submit(page, "card", **card).location)
        page = open_page(submit(bank, "authentication", button="Fail authentication").location)
        assert (page.status, "failed authentication" in page.text) == (402, True)

    bank = open_page(submit(page, "card", **card).location)
    back = open_page_of_redirect(submit(bank, "authentication", button="Complete authentication"))

    done = stand_in.client.v1.checkout.sessions.retrieve(session.id)
    assert (back, done.status) == (f"http://shop.example/done?session={session.id}", "complete")
    assert topics(stand_in)[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def open_page_of_redirect(answer: Page) -> str | None:
    """Where the page that a browser is sent to sends it on."""
    return open_page(answer.location).location
