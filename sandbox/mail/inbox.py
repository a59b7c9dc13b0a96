import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

_TIME = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{6}-[A-Za-z0-9-]*\.eml")
_SLUG_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a mail."""

    file: str
    received_at: datetime
    subject: str
    sender: str
    to: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Caught mail, each in one `.eml` file of `folder` exactly as it came; the name sorts by arrival."""

    folder: Path

    def store(self, content: bytes) -> str:
        """Keep a mail and return its file's name; the mail survives a power cut once this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):{_TIME}}-{secrets.token_hex(3)}-{_slug(content)}.eml"
        unfinished = self.folder / f".{name}"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.folder / name)
        self._keep_names()
        return name

    def newest(self, limit: int) -> list[Summary]:
        """The mails that came last, newest first."""
        names = sorted((name for name in self._names() if _NAME.fullmatch(name)), reverse=True)
        return [_summary(self.folder / name) for name in names[:limit]]

    def read(self, name: str) -> bytes | None:
        """A mail as it came; None for a name that is no mail's."""
        path = self.folder / name
        return path.read_bytes() if _NAME.fullmatch(name) and path.is_file() else None

    def _names(self) -> list[str]:
        return os.listdir(self.folder) if self.folder.is_dir() else []

    def _keep_names(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def parse(content: bytes) -> EmailMessage:
    """The mail with its parts; damage in it is skipped, never raised."""
    return message_from_bytes(content, policy=policy.default)


def header(message: EmailMessage, name: str) -> str:
    """A header decoded, empty when it is absent; one that is damaged says so."""
    try:
        return str(message.get(name, ""))
    except (
        Exception
    ):  # the parser raises many kinds on damaged headers, and one such mail must not hide the rest
        return f"(damaged {name})"


def body(message: EmailMessage, kind: str) -> str | None:
    """The `plain` or `html` text of a mail; None when it has none."""
    part = message.get_body((kind,))
    payload = part.get_payload(decode=True) if part else None
    if part is None or not isinstance(payload, bytes):
        return None
    try:
        return payload.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a charset that nobody knows
        return payload.decode("utf-8", errors="replace")


@lru_cache(maxsize=10_000)
def _summary(path: Path) -> Summary:
    message = parse(path.read_bytes())
    return Summary(
        file=path.name,
        received_at=datetime.strptime(path.name.split("-")[0], _TIME).replace(tzinfo=UTC),
        subject=header(message, "Subject"),
        sender=header(message, "From"),
        to=header(message, "To"),
        message_id=header(message, "Message-ID"),
    )


def _slug(content: bytes) -> str:
    """The subject's ASCII letters and digits: a shell finds the mail of an order by its number."""
    subject = header(parse(content), "Subject")
    return re.sub(r"[^A-Za-z0-9]+", "-", subject).strip("-")[:_SLUG_LENGTH]
