from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from config import Settings
from sandbox.mail.faults import Faults
from sandbox.mail.inbox import Inbox
from sandbox.mail.receiver import Receiver
from tests.notifications.post import Post


@pytest.fixture
def post(settings: Settings, database: None, tmp_path: Path) -> Iterator[Post]:
    """A mail server where the settings say that it is, on an empty database."""
    inbox, faults = Inbox(tmp_path / "inbox"), Faults()
    controller = Controller(
        Receiver(inbox, faults), hostname="127.0.0.1", port=settings.smtp.port, server_hostname="sink.test"
    )
    controller.start()
    yield Post(inbox, faults)
    controller.stop()
