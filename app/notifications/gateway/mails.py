"""Handing mails to a mail server."""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from app.notifications.errors import Deferred, Refused
from app.platform import tracing
from app.platform.logging import without_addresses

ANSWER_TIMEOUT = timedelta(seconds=600)
"""RFC 5321 4.5.3.2.6: who waits less for the answer to a mail's content sends many mails twice."""
LONGEST_ANSWER = 500


class Mailer(Protocol):
    """Whoever takes mails."""

    def send(self, mail: EmailMessage) -> str:
        """Hand a mail over; the answer is the taker's code and text, without addresses.

        Raises Refused when it will never be taken for this recipient, and Deferred for everything
        else, also when the mail may have been taken and only the answer is lost.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """A mail server spoken to by SMTP: one connection per mail, encrypted and verified if `starttls`.

    Its certificate is one of `ca_file`, or else of what the machine trusts. `timeout` is for connecting and
    for each command but the last.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    timeout: timedelta
    ca_file: Path | None = None
    answer_timeout: timedelta = ANSWER_TIMEOUT

    def send(self, mail: EmailMessage) -> str:
        """Hand a mail over, as Mailer says."""
        with tracing.span("smtp send", tracing.CLIENT, attributes={"server.address": self.host}):
            return self._hand_over(mail)

    def _hand_over(self, mail: EmailMessage) -> str:
        try:
            with closing(self._connect(mail)) as server:
                self._prepare(server)
                answer = self._transfer(server, mail)
                with suppress(OSError):  # it has the mail; waiting here would delay noting that
                    server.putcmd("quit")
                return answer
        except smtplib.SMTPResponseException as error:
            # Not chained: the server's words may name people, and chains are logged.
            raise Deferred(_in_words(error.smtp_code, error.smtp_error)) from None
        except OSError as error:  # the parent of all of smtplib's errors, too
            raise Deferred(f"{type(error).__name__}: {without_addresses(str(error))}") from None

    def _connect(self, mail: EmailMessage) -> smtplib.SMTP:
        # Named, because finding out its own name takes seconds on a machine without a network.
        name = mail["From"].addresses[0].domain
        return smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout.total_seconds())

    def _prepare(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.starttls:
            server.starttls(context=ssl.create_default_context(cafile=self.ca_file))
            server.ehlo_or_helo_if_needed()  # what was said in the clear is forgotten
        if self.user:
            server.login(self.user, self.password or "")

    def _transfer(self, server: smtplib.SMTP, mail: EmailMessage) -> str:
        """The mail itself. A refused sender is our own fault, so it is tried again until that is mended."""
        _expect({250}, server.mail(mail["From"].addresses[0].addr_spec), refusing=Deferred)
        _expect({250, 251}, server.rcpt(mail["To"].addresses[0].addr_spec), refusing=Refused)
        if server.sock is not None:
            server.sock.settimeout(self.answer_timeout.total_seconds())
        content = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        return _expect({250}, server.data(content), refusing=Refused)


def _expect(good: set[int], reply: tuple[int, bytes], *, refusing: type[Exception]) -> str:
    """The reply in words. Raises Deferred unless its code is good, or `refusing` for a final no (5xx)."""
    code, text = reply
    if code in good:
        return _in_words(code, text)
    raise (refusing if 500 <= code < 600 else Deferred)(_in_words(code, text))


def nameless(words: str) -> str:
    """What a mail server said, on one line, without the addresses that they like to repeat."""
    return without_addresses(" ".join(words.split()))[:LONGEST_ANSWER]


def _in_words(code: int, text: bytes | str) -> str:
    return nameless(f"{code} {text.decode('ascii', errors='replace') if isinstance(text, bytes) else text}")
