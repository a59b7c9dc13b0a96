"""Cards whose bank asks the buyer first: open until the bank's page was answered, over HTTP only."""

from dataclasses import replace
from typing import Any

import stripe as sdk
from flask.testing import FlaskClient

from tests.attempts import SESSION, at_stripe, attempt, pay_hosted
from tests.browser import Page, open_page, submit
from tests.buyers import Purchase, purchase
from tests.expiry import let_expire, sweep
from tests.sales import EXPIRED, PAID, PENDING, state
from tests.stand_in import PUBLISHABLE_KEY, StandIn
from tests.webhooks import deliver_all
from tests.work import drain

BACK = "http://shop.example/back"
CARD = "pm_card_threeDSecure2Required"


def begin(bought: Purchase, stripe: StandIn, method: str = CARD) -> Page:
    """The buyer's browser confirms with what the shop gave it, and follows to the bank's page."""
    shown = bought.buyer.get(f"/v1/payments/{bought.payment_id}").get_json()
    browser = stripe.client_with(PUBLISHABLE_KEY)
    secret = shown["client_secret"]
    form: Any = {"client_secret": secret, "payment_method": method, "return_url": BACK}
    intent = browser.v1.payment_intents.confirm(shown["provider_id"], form)
    assert intent.status == "requires_action"
    return bank_of(intent)


def bank_of(intent: sdk.PaymentIntent) -> Page:
    """The bank's page that an intent leads to."""
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    return open_page(intent.next_action.redirect_to_url.url)


def work(client: FlaskClient, stripe: StandIn) -> None:
    """Deliver every webhook, and do what follows."""
    deliver_all(client, stripe)
    drain()


def test_until_the_bank_was_answered_the_payment_is_open(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    page = begin(bought, stripe)
    work(client, stripe)
    waiting = state(bought)

    answer = submit(page, "authentication", button="Complete authentication")
    work(client, stripe)

    assert (waiting, state(bought)) == (PENDING, PAID)
    assert answer.location is not None
    assert answer.location.startswith(f"{BACK}?payment_intent={bought.provider_id}")


def test_without_any_webhook_the_buyers_word_is_enough(bought: Purchase, stripe: StandIn) -> None:
    submit(begin(bought, stripe), "authentication", button="Complete authentication")

    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()

    assert state(bought) == PAID


def test_who_fails_at_the_bank_may_try_another_card(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    submit(begin(bought, stripe), "authentication", button="Fail authentication")
    work(client, stripe)
    shown = bought.buyer.get(f"/v1/payments/{bought.payment_id}").get_json()

    stripe.confirm(bought.provider_id)
    work(client, stripe)

    assert shown["last_error"]["code"] == "payment_intent_authentication_failure"
    assert (shown["status"], state(bought)) == ("open", PAID)


def test_an_order_that_ends_closes_the_banks_page_too(bought: Purchase, stripe: StandIn) -> None:
    begin(bought, stripe)
    let_expire()

    sweep()

    assert (state(bought), at_stripe(stripe)[0]) == (EXPIRED, ["canceled"])


def test_another_payment_closes_the_banks_page_too(bought: Purchase, stripe: StandIn) -> None:
    begin(bought, stripe)

    answer = attempt(bought, SESSION)

    assert (answer.status_code, at_stripe(stripe)) == (201, (["canceled"], ["open"]))
    assert state(bought) == replace(PENDING, payments=["cancelled", "open"])


def test_the_hosted_page_asks_the_bank_too(client: FlaskClient, stripe: StandIn) -> None:
    bought = purchase(client, payment_flow=SESSION)
    url = bought.buyer.get(f"/v1/payments/{bought.payment_id}").get_json()["redirect_url"]

    sent_on = pay_hosted(url, number="4000000000003220")
    work(client, stripe)
    waiting = state(bought)
    submit(open_page(sent_on.location), "authentication", button="Complete authentication")
    work(client, stripe)

    assert (sent_on.status, waiting, state(bought)) == (303, PENDING, PAID)
