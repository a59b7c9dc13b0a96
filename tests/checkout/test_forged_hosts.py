"""Whatever name a request gives the shop, links and mails carry the name of its settings."""

from flask.testing import FlaskClient

from app.platform.settings import settings
from tests.buyers import CHECKOUT, make_buyer, shelf
from tests.database import rows
from tests.leaks import tables_with
from tests.notifications.conftest import post as post  # a fixture of these tests, too
from tests.notifications.post import Post, deliver, html_of, text_of
from tests.stand_in import StandIn

EVIL = "evil.example"
FORGED = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Original-URL": f"https://{EVIL}/",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/",
}


def test_a_forged_host_is_in_no_answer_no_row_and_no_mail(
    client: FlaskClient, stripe: StandIn, post: Post
) -> None:
    buyer = make_buyer(client)
    buyer.put(shelf())
    stripe.order("faults", {"path": "/v1/payment_intents", "method": "POST", "outcome": 500})
    headers = buyer.headers | FORGED | {"Idempotency-Key": "once"}

    answer = client.post("/v1/checkout", json=CHECKOUT, headers=headers)
    deliver("order_received")

    assert answer.status_code == 202  # so that there is a Location
    assert answer.headers["Location"].startswith("/v1/payments/")
    assert EVIL not in str(answer.headers) + answer.get_data(as_text=True)
    assert tables_with(rows, {"host": EVIL}) == {"host": set()}
    mail = post.only_mail()
    assert settings().public_url in text_of(mail)
    assert EVIL not in text_of(mail) + html_of(mail) + str(mail)
