"""Text messages: only with consent and a number, through the same ledger, and never twice when in doubt."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient

from app.events.claims import Claim
from app.notifications.errors import Deferred, Refused
from app.notifications.gateway.rules import sms_from
from app.notifications.gateway.texts import Texter, Twilio, texter_from
from app.notifications.services import ledger, texts
from app.orders import queries as orders
from app.platform.db import transaction
from app.platform.environment import Environment, SettingError
from tasks import notifications
from tests.database import change, rows
from tests.factories import signed_in
from tests.fulfillment.sending import do, handed, parcels
from tests.notifications.orders import place
from tests.notifications.post import Post
from tests.notifications.test_letters import LETTERHEAD, parcel_of
from tests.stand_in import StandIn
from tests.work import drain, make_due

TEXTS = "SELECT kind, recipient, status, attempts, last_error FROM messages WHERE channel = 'sms'"
NUMBER = "+442079460958"


@dataclass
class Carrier:
    """Somebody who speaks as Twilio does, and remembers what was handed in."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, str]] = field(default_factory=list)
    paths: set[tuple[str, str | None]] = field(default_factory=set)

    def texter(self, timeout: float = 5) -> Texter:
        """One who hands texts in here."""
        return Twilio(
            account="AC1",
            token="secret",  # of nobody
            sender="+15005550006",
            api_base=f"http://127.0.0.1:{self.port}",
            timeout=timedelta(seconds=timeout),
        )


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    known = Carrier()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            known.paths.add((self.path, self.headers["Authorization"]))
            status = known.answers.pop(0) if known.answers else 201
            known.taken.append({name: values[0] for name, values in form.items()})
            if status == 0:
                self.close_connection = True
                return
            body = b'{"sid": "SM1"}' if status == 201 else b'{"code": 21211, "message": "+442079460958"}'
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


def test_who_agreed_is_texted_once_and_in_doubt_only_by_an_operator(
    client: FlaskClient, stripe: StandIn, post: Post, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "texter", carrier.texter)
    sent = handed(client)
    (seller,) = sent.sellers
    body = {"text_messages": True, "phone": "+44 20 7946 0958"}
    answer = client.patch("/v1/users/me", json=body, headers=sent.buyer.headers)
    assert answer.get_json()["text_messages"] is True
    carrier.answers.extend([429, 0])

    do(seller, parcels(seller)[0], "pack", "ship")
    drain(queues=("email",))
    (deferred,) = rows(TEXTS)
    change("UPDATE deliveries SET run_after = now() WHERE state = 'pending'")
    drain(queues=("email",))

    assert deferred == ("order_shipped_text", NUMBER, "queued", 1, "429")
    doubt = "nobody knows whether it was taken"
    assert rows(TEXTS) == [("order_shipped_text", NUMBER, "dead", 2, doubt)]
    assert rows("SELECT last_error FROM deliveries WHERE state = 'dead'") == [(f"Permanent: {doubt}",)]
    text = carrier.taken[-1]
    assert (len(carrier.taken), text["To"], text["From"]) == (2, NUMBER, "+15005550006")
    assert text["Body"].startswith("Backroom: goods of your order ORD-")
    assert carrier.paths == {("/2010-04-01/Accounts/AC1/Messages.json", "Basic QUMxOnNlY3JldA==")}


@pytest.mark.parametrize(
    ("killed_in", "answers"), [((ledger, "record_sent"), []), ((Claim, "give_back"), [0])]
)
def test_a_text_that_a_killed_worker_was_handing_in_is_only_sent_again_by_an_operator(
    client: FlaskClient,
    stripe: StandIn,
    post: Post,
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
    killed_in: tuple[object, str],
    answers: list[int],
) -> None:
    monkeypatch.setattr(notifications, "texter", carrier.texter)
    sent = handed(client)
    change("UPDATE users SET phone = '+44 20 7946 0958', text_messages_at = now()")
    do(sent.sellers[0], parcels(sent.sellers[0])[0], "pack", "ship")
    the_text = ["notifications.order_shipped_text"]
    carrier.answers.extend(answers)
    with monkeypatch.context() as patch:
        patch.setattr(*killed_in, Mock(side_effect=SystemExit))
        with pytest.raises(SystemExit):
            drain(queues=("email",), only=the_text)
    make_due()

    ran = drain(queues=("email",), only=the_text)

    assert (ran, len(carrier.taken)) == (the_text, 1)
    assert rows(TEXTS) == [("order_shipped_text", NUMBER, "dead", 1, "nobody knows whether it was taken")]

    ((message_id,),) = rows("SELECT id FROM messages WHERE channel = 'sms'")
    resend = f"/v1/admin/messages/{message_id}/resend"
    assert client.post(resend, headers=signed_in(client, "admin")).status_code == 202
    drain(queues=("email",))

    assert rows(TEXTS) == [("order_shipped_text", NUMBER, "sent", 2, None)]
    assert len(carrier.taken) == 2
    told = [each["title"] for each in sent.buyer.get(f"{sent.path}/timeline").get_json()["items"]]
    assert told[-1] == "Text message sent"


def test_nobody_is_texted_without_consent_or_a_number(
    client: FlaskClient, stripe: StandIn, post: Post, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "texter", carrier.texter)
    sent = handed(client)
    change("UPDATE users SET phone = '020 7946', text_messages_at = now()")

    do(sent.sellers[0], parcels(sent.sellers[0])[0], "pack", "ship")
    drain(queues=("email",))

    assert (rows(TEXTS), carrier.taken) == ([], [])
    assert rows("SELECT state FROM deliveries WHERE consumer = 'notifications.order_shipped_text'") == [
        ("done",)
    ]


@pytest.mark.usefixtures("database")
def test_a_text_has_three_parts_at_most_and_no_link_that_is_cut() -> None:
    order_id = place().id
    with transaction() as session:
        order = orders.get(session, order_id)
    parcel = parcel_of(order, "order_shipped")
    assert parcel is not None
    says = f"Backroom: goods of your order {order.number} are on their way."

    short = texts.compose("order_shipped_text", order, parcel, LETTERHEAD)
    parcel.row.tracking_url = "https://dhl.example/" + "0" * 400
    long = texts.compose("order_shipped_text", order, parcel, LETTERHEAD)

    assert (short, long) == (f"{says} https://dhl.example/JD01", says)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, Refused, "400 21211"),
        (503, Deferred, "503"),
        (500, Refused, "500, nobody knows whether it was taken"),
        (302, Refused, "302, nobody knows whether it was taken"),
    ],
)
def test_an_answer_says_whether_it_may_be_handed_in_again(
    carrier: Carrier, status: int, error: type[Exception], words: str
) -> None:
    carrier.answers.append(status)

    with pytest.raises(error) as refusal:
        carrier.texter().send(to=NUMBER, text="Hello")

    assert str(refusal.value) == words


def test_who_is_not_there_is_asked_again() -> None:
    with pytest.raises(Deferred):
        Carrier(port=1).texter().send(to=NUMBER, text="Hello")


def test_whose_name_is_not_known_now_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=socket.gaierror(socket.EAI_AGAIN, "Away")))

    with pytest.raises(Deferred):
        Carrier(port=1).texter().send(to=NUMBER, text="Hello")


def test_the_console_shows_texts_to_developers_only(capsys: pytest.CaptureFixture[str]) -> None:
    texter = texter_from(sms_from(Environment({"APP_ENV": "development", "SMS_PROVIDER": "console"})))

    assert texter is not None
    assert texter.send(to=NUMBER, text="Hello") == "shown"
    assert capsys.readouterr().out == "SMS to +442079460958: Hello\n"
    assert texter_from(sms_from(Environment({"APP_ENV": "development"}))) is None
    for wrong in ({"SMS_PROVIDER": "console", "APP_ENV": "production"}, {"SMS_PROVIDER": "twilio"}):
        with pytest.raises(SettingError):
            sms_from(Environment(wrong))
