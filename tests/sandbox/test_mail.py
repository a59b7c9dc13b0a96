import smtplib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.mail.inbox import Inbox
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import answers

ROOT = Path(__file__).parents[2]
ATTACK = "<script>alert(1)</script>"
DAMAGED = b"Subject: =?none?q?=ff?=\r\nTo: <<>>,\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff"


@dataclass
class Sink:
    folder: Path
    smtp_port: int
    page: str
    child: Child

    def send(self, mail: EmailMessage, patience: float = 10) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=patience) as client:
            client.send_message(mail)

    def order(self, fault: str | None, count: int | None = None) -> None:
        requests.put(
            f"{self.page}/faults", json={"fault": fault, "count": count}, timeout=5
        ).raise_for_status()

    def listed(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = requests.get(f"{self.page}/messages.json", timeout=5).json()["items"]
        return items

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    folder = tmp_path_factory.mktemp("mail")
    sink = _started(folder / "caught", folder / "log")
    yield sink
    sink.child.stop()


@pytest.fixture
def sink(running: Sink) -> Sink:
    """Empty and without faults."""
    running.order(None)
    for file in running.files():
        file.unlink()
    return running


def test_keeps_a_mail_in_a_file_named_by_its_subject_before_it_says_so(sink: Sink) -> None:
    with smtplib.SMTP("127.0.0.1", sink.smtp_port, timeout=5) as client:
        client.ehlo()
        client.mail("shop@example.com")
        client.rcpt("buyer@example.com")
        code, _ = client.data(_mail("Order ORD-20261120-7KQ2ZC is paid – Größe M").as_bytes())
        files = sink.files()

    assert (code, len(files)) == (250, 1)
    assert files[0].name.endswith("-Order-ORD-20261120-7KQ2ZC-is-paid-Gr-e-M.eml")
    assert b"Thank you." in files[0].read_bytes()


def test_lists_the_newest_first(sink: Sink) -> None:
    for subject in ("first", "second"):
        sink.send(_mail(subject))

    assert [(mail["subject"], mail["to"]) for mail in sink.listed()] == [
        ("second", "buyer@example.com"),
        ("first", "buyer@example.com"),
    ]


def test_shows_nothing_of_a_mail_as_markup(sink: Sink) -> None:
    mail = _mail(f"Hello {ATTACK}")
    mail["X-Trap"] = ATTACK
    mail.set_content(ATTACK)
    mail.add_alternative(f"<p>Hi {ATTACK}</p>", subtype="html")
    sink.send(mail)
    address = f"{sink.page}/messages/{sink.listed()[0]['file']}"

    pages = [requests.get(url, timeout=5) for url in (sink.page, address)]
    framed = requests.get(f"{address}/html", timeout=5)

    assert all(ATTACK not in page.text and "&lt;script&gt;" in page.text for page in pages)
    assert all("default-src 'none'" in page.headers["Content-Security-Policy"] for page in pages)
    assert f"Hi {ATTACK}" in framed.text
    assert framed.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(("fault", "code"), [("451", 451), ("550", 550)])
def test_refuses_the_next_mail_as_ordered_and_takes_the_one_after(sink: Sink, fault: str, code: int) -> None:
    sink.order(fault, count=1)

    with pytest.raises(smtplib.SMTPDataError) as refused:
        sink.send(_mail("refused"))
    sink.send(_mail("taken"))

    assert refused.value.smtp_code == code
    assert [mail["subject"] for mail in sink.listed()] == ["taken"]


@pytest.mark.parametrize(("fault", "kept"), [("close", []), ("lose-answer", ["lost"])])
def test_hangs_up_before_or_after_keeping_the_mail(sink: Sink, fault: str, kept: list[str]) -> None:
    sink.order(fault, count=1)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        sink.send(_mail("lost"))

    assert [mail["subject"] for mail in sink.listed()] == kept


def test_hangs_until_the_sender_gives_up_and_serves_others_meanwhile(sink: Sink) -> None:
    sink.order("hang", count=1)

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        sink.send(_mail("stuck"), patience=0.3)
    sink.send(_mail("taken"))

    assert [mail["subject"] for mail in sink.listed()] == ["taken"]


@pytest.mark.parametrize("name", ["..%2Flog", "absent.eml", "%2Fetc%2Fpasswd"])
def test_opens_nothing_but_mail(sink: Sink, name: str) -> None:
    assert requests.get(f"{sink.page}/messages/{name}", timeout=5).status_code == 404


def test_keeps_old_mail_over_a_restart_and_survives_a_damaged_one(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "caught")
    inbox.store(_mail("old").as_bytes())
    inbox.store(DAMAGED)

    sink = _started(inbox.folder, tmp_path / "log")
    statuses = [
        requests.get(f"{sink.page}/messages/{mail['file']}", timeout=5).status_code for mail in sink.listed()
    ]
    sink.child.stop()

    assert statuses == [200, 200]


def _started(folder: Path, log: Path) -> Sink:
    smtp_port, http_port = free_port(), free_port()
    ports = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    command = Command(argv=[sys.executable, "-m", "sandbox.mail", *ports, "--dir", folder], log=log, cwd=ROOT)
    page = f"http://127.0.0.1:{http_port}"
    child = launch("Mail", command, ready=lambda: answers(f"{page}/messages.json"), within=20)
    return Sink(folder, smtp_port, page, child)


def _mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "shop@example.com", "buyer@example.com"
    mail.set_content("Thank you.\n")
    return mail
