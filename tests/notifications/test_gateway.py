import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtpd
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from app.notifications.errors import Deferred, Refused
from app.notifications.gateway.mails import ANSWER_TIMEOUT, SmtpMailer
from sandbox.ports import free_port

CERTIFICATES = Path(aiosmtpd.__file__).parent / "tests" / "certs"


class Server:
    """Answers each command as it was told to."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.delay = 0.0
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []

    async def handle_MAIL(  # noqa: N802  # the name that aiosmtpd calls, here and below
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.delay)
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return self.answers.get("DATA", "250 OK")


@contextmanager
def listening(server: Server, **options: Any) -> Iterator[int]:
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, server_hostname="sink.test", **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mailer(port: int, **values: Any) -> SmtpMailer:
    known: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "user": None,
        "password": None,
        "starttls": False,
        "timeout": timedelta(seconds=10),
    }
    return SmtpMailer(**known | values)


@pytest.fixture
def encryption() -> ssl.SSLContext:
    """What a server needs for STARTTLS; its certificate is one that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.crt", CERTIFICATES / "server.key")
    return context


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Backroom <shop@example.com>", "ada@example.com"
    message.set_content(".a line that begins with a dot\n")
    return message


def test_the_mail_goes_from_the_sender_to_the_reader_and_its_answer_comes_back() -> None:
    server = Server(DATA="250 2.0.0 Ok: queued as 4F1")

    with listening(server) as port:
        answer = mailer(port).send(mail())

    (envelope,) = server.envelopes
    assert answer == "250 2.0.0 Ok: queued as 4F1"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["ada@example.com"])
    assert envelope.original_content == (
        b"From: Backroom <shop@example.com>\r\nTo: ada@example.com\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n'
        b"MIME-Version: 1.0\r\n\r\n.a line that begins with a dot\r\n"
    )


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        ("MAIL", "450 4.7.1 Later", Deferred),
        ("MAIL", "550 5.7.1 We do not know this sender", Deferred),
        ("RCPT", "451 4.7.1 Greylisted", Deferred),
        ("RCPT", "421 4.3.2 Closing", Deferred),
        ("RCPT", "550 5.1.1 No such user", Refused),
        ("DATA", "452 4.3.1 No room", Deferred),
        ("DATA", "554 5.7.1 Looks like spam", Refused),
        ("DATA", "299 What is this", Deferred),
    ],
)
def test_only_a_final_no_about_this_mail_or_its_reader_refuses_it(
    command: str, reply: str, outcome: type[Exception]
) -> None:
    with listening(Server(**{command: reply})) as port, pytest.raises(outcome) as caught:
        mailer(port).send(mail())

    assert str(caught.value) == reply


def test_an_answer_is_kept_without_addresses_on_one_short_line() -> None:
    server = Server(RCPT=f"550-5.1.1 <ada@example.com>: not here\r\n550 ask admin@example.com {'x' * 600}")

    with listening(server) as port, pytest.raises(Refused) as caught:
        mailer(port).send(mail())

    text = str(caught.value)
    assert text.startswith("550 5.1.1 <(address)>: not here ask (address) xxx")
    assert len(text) == 500


def test_nothing_is_sent_in_the_clear_when_encryption_is_wanted() -> None:
    server = Server()

    with listening(server) as port, pytest.raises(Deferred, match="STARTTLS"):
        mailer(port, starttls=True).send(mail())

    assert server.envelopes == []


def test_an_encrypted_mail_is_taken(encryption: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = ssl.create_default_context(cafile=CERTIFICATES / "server.crt")
    trusting.check_hostname = False  # the certificate names nobody whom a machine could find
    monkeypatch.setattr(ssl, "create_default_context", lambda cafile: trusting)

    with listening(Server(), tls_context=encryption, require_starttls=True) as port:
        assert mailer(port, starttls=True).send(mail()) == "250 OK"


def test_a_server_that_cannot_prove_its_name_gets_no_mail(encryption: ssl.SSLContext) -> None:
    server = Server()

    with (
        listening(server, tls_context=encryption) as port,
        pytest.raises(Deferred, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        mailer(port, starttls=True).send(mail())

    assert server.envelopes == []


@pytest.mark.parametrize(("password", "taken"), [("right", True), ("wrong", False)])
def test_a_user_logs_in_first(password: str, taken: bool) -> None:  # noqa: FBT001  # a table's column
    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, credentials: Any
    ) -> AuthResult:
        return AuthResult(success=credentials.password == b"right", handled=False)

    server = Server()
    with listening(server, authenticator=check, auth_require_tls=False) as port:
        sender = mailer(port, user="shop", password=password)
        if taken:
            assert sender.send(mail()) == "250 OK"
        else:
            with pytest.raises(Deferred, match=r"^535 "):
                sender.send(mail())

    assert [session.authenticated for session in server.sessions] == [True] * taken


def test_the_last_answer_is_waited_for_longer_than_any_other() -> None:
    server = Server()
    server.delay = 1.5

    with listening(server) as port:
        assert mailer(port, timeout=timedelta(seconds=1)).send(mail()) == "250 OK"

    assert timedelta(seconds=600) == ANSWER_TIMEOUT


def test_a_server_that_never_answers_is_given_up_in_the_end() -> None:
    server = Server()
    server.delay = 30

    with listening(server) as port, pytest.raises(Deferred, match="timed out"):
        mailer(port, answer_timeout=timedelta(seconds=0.2)).send(mail())
