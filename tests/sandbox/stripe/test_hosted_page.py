import pytest
import stripe

from sandbox.ready import wait_until
from tests.browser import Page, open_page, submit
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}


def pay(session: stripe.checkout.Session, **changed: str) -> Page:
    return submit(open_page(session.url), "card", **{**CARD, **changed})


def retrieve(stand_in: StandIn, session: stripe.checkout.Session) -> stripe.checkout.Session:
    return stand_in.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})


def topics(stand_in: StandIn) -> list[str]:
    return [event["type"] for event in stand_in.books()["events"]]


def test_the_page_shows_what_is_sold_and_the_way_back(stand_in: StandIn) -> None:
    page = open_page(stand_in.new_session().url)

    assert page.status == 200
    assert "Mug <large> × 2" in page.text
    assert "39.98 USD" in page.text
    assert page.links["Cancel and return"] == "http://shop.example/cart"
    assert set(page.forms["card"].fields) == {"number", "expiry", "cvc"}


def test_a_buyer_pays_and_is_sent_back_to_the_shop(stand_in: StandIn, shop: Shop) -> None:
    session = stand_in.new_session(payment_intent_data={"metadata": {"order": "1"}})

    answer = pay(session)

    paid = retrieve(stand_in, session)
    intent = paid.payment_intent
    assert (answer.status, answer.location) == (303, f"http://shop.example/done?session={session.id}")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.metadata.to_dict()) == (
        "succeeded",
        3998,
        {"order": "1"},
    )
    assert topics(stand_in) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    wait_until(lambda: len(shop.events) == 4, within=5, failure="The webhooks did not come")
    listed = stand_in.client.v1.checkout.sessions.list({"payment_intent": intent.id}).data
    assert [found.id for found in listed] == [session.id]


def test_a_decline_is_told_and_the_next_card_pays_the_same_intent(stand_in: StandIn) -> None:
    session = stand_in.new_session()

    declined = pay(session, number="4000000000009995")
    between = retrieve(stand_in, session)
    again = submit(declined, "card", **CARD)

    assert declined.status == 402
    assert "Your card has insufficient funds." in declined.text
    assert (between.status, between.payment_status) == ("open", "unpaid")
    assert again.status == 303
    assert [intent["status"] for intent in stand_in.books()["payment_intents"]] == ["succeeded"]
    assert [charge["status"] for charge in stand_in.books()["charges"]] == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"number": "4242424242424241"}, "Your card number is incorrect."),
        ({"expiry": "1234"}, "expiration date is incomplete"),
        ({"expiry": "01/20"}, "expiration year is invalid"),
        ({"cvc": "1"}, "security code is incomplete"),
    ],
)
def test_a_card_that_cannot_be_leaves_nothing(stand_in: StandIn, wrong: dict[str, str], says: str) -> None:
    answer = pay(stand_in.new_session(), **wrong)

    assert answer.status == 402
    assert says in answer.text
    assert stand_in.books()["payment_intents"] == stand_in.books()["payment_methods"] == []


def test_the_page_asks_for_the_email_that_the_shop_left_out(stand_in: StandIn) -> None:
    session = stand_in.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {"currency": "jpy", "unit_amount": 500, "product_data": {"name": "Tea"}},
                    "quantity": 1,
                }
            ],
            "success_url": "http://shop.example/done",
        }
    )

    refused = pay(session, email="nobody")
    paid = submit(refused, "card", **CARD, email="ada@example.com")

    assert (refused.status, paid.status, refused.links) == (400, 303, {})
    assert "500 JPY" in refused.text
    details = retrieve(stand_in, session).customer_details
    assert details is not None
    assert details.email == "ada@example.com"


def test_a_free_session_needs_no_card(stand_in: StandIn) -> None:
    session = stand_in.new_session(0)

    answer = submit(open_page(session.url), "card")

    done = retrieve(stand_in, session)
    assert (answer.status, done.status, done.payment_status) == (303, "complete", "no_payment_required")
    assert done.payment_intent is None
    assert topics(stand_in) == ["checkout.session.completed"]


@pytest.mark.parametrize(
    ("number", "last", "payment_status"),
    [
        ("000123456789", "checkout.session.async_payment_succeeded", "paid"),
        ("000222222227", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_debit_completes_the_session_before_the_bank_answers(
    stand_in: StandIn, number: str, last: str, payment_status: str
) -> None:
    session = stand_in.new_session()

    answer = submit(open_page(session.url), "account", account_number=number)
    wait_until(lambda: last in topics(stand_in), within=5, failure="The bank has not answered")

    told = [event for event in stand_in.books()["events"] if event["type"].startswith("checkout")]
    assert answer.status == 303
    assert [event["type"] for event in told] == ["checkout.session.completed", last]
    assert [event["data"]["object"]["payment_status"] for event in told] == ["unpaid", payment_status]
    assert retrieve(stand_in, session).status == "complete"


def test_an_ended_session_cannot_be_paid(stand_in: StandIn) -> None:
    expired, complete = stand_in.new_session(), stand_in.new_session()
    page, late = open_page(complete.url), open_page(expired.url)
    stand_in.client.v1.checkout.sessions.expire(expired.id)
    submit(page, "card", **CARD)

    answers = [submit(late, "card", **CARD), submit(page, "card", **CARD)]

    assert [answer.status for answer in answers] == [409, 409]
    assert "has expired" in open_page(expired.url).text
    assert "This checkout is complete." in open_page(complete.url).text
    assert len(stand_in.books()["charges"]) == 1


def test_expiring_cancels_the_intent_which_alone_cannot_be_canceled(stand_in: StandIn) -> None:
    session = stand_in.new_session()
    pay(session, number="4000000000000002")
    (intent,) = stand_in.books()["payment_intents"]

    with pytest.raises(stripe.InvalidRequestError, match="Expire the session instead"):
        stand_in.client.v1.payment_intents.cancel(intent["id"])
    stand_in.client.v1.checkout.sessions.expire(session.id)

    (intent,) = stand_in.books()["payment_intents"]
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "automatic")
    assert topics(stand_in)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_an_unknown_session_has_no_page(stand_in: StandIn) -> None:
    page = open_page(f"{stand_in.url}/c/pay/cs_test_nobody")

    assert (page.status, page.forms) == (404, {})
