"""The live process as granian serves it, on the database of this test process."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import Settings
from sandbox.code import CODE
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.programs import live_words
from sandbox.ready import answers
from sandbox.session import kill_session

ORIGIN = "https://shop.example.com"
TIMES = {"LIVE_POLL": "0.05", "LIVE_CHECK": "0.1", "LIVE_HEARTBEAT": "0.3"}
LIMITS = {"LIVE_STREAMS": "210", "LIVE_STREAMS_PER_CALLER": "2", "LIVE_STREAMS_PER_ADDRESS": "40"}
PATIENCE_SECONDS = 30


class LiveProcess:
    """Started when made, and as often as it has been killed."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.port = free_port()
        self._command = Command(
            argv=[sys.executable, "-m", "granian", *live_words(self.port)],
            log=folder / "live.log",
            env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | _told(settings),
            cwd=CODE,
        )
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has written to its log."""
        assert self._command.log is not None
        return self._command.log.read_text()

    @property
    def pid(self) -> int:
        """Its main process."""
        return self.running().pid

    def running(self) -> Child:
        """The process, started if there is none."""
        if self._child is None or not self._child.alive:
            ready = f"{self.url}/health"
            self._child = launch(
                "The live process", self._command, ready=lambda: answers(ready), within=PATIENCE_SECONDS
            )
        return self._child

    def kill(self) -> None:
        """SIGKILL it with all its children."""
        kill_session(self.running().pid)
        self.running_no_more()

    def stop(self, within: float) -> int | None:
        """Ask it to stop; how it ended."""
        child = self.running()
        os.kill(child.pid, signal.SIGTERM)
        child.finish(within=within)
        return child.exit_code

    def running_no_more(self) -> None:
        """Whatever is left of it is gone."""
        if self._child is not None:
            self._child.kill()


@contextmanager
def live_process(settings: Settings, folder: Path) -> Iterator[LiveProcess]:
    """A process for the tests of a block."""
    process = LiveProcess(settings, folder)
    try:
        yield process
    finally:
        process.running_no_more()


def _told(known: Settings) -> dict[str, str]:
    return (
        TIMES
        | LIMITS
        | {
            "APP_ENV": known.app_env,
            "CORS_ORIGINS": ORIGIN,
            "DATABASE_URL": known.database_url,
            "REDIS_URL": known.redis_url,
            "CELERY_BROKER_URL": known.celery_broker_url,
            "JWT_SECRET_KEY": known.jwt_secret_key,
            "STRIPE_API_KEY": known.stripe_api_key,
            "STRIPE_WEBHOOK_SECRET": ",".join(known.stripe_webhook_secrets),
            "SMTP_HOST": known.smtp.host,
            "MAIL_FROM": known.mail_from,
        }
    )
