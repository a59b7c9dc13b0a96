import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.code import CODE
from sandbox.part import Part
from sandbox.process import Command
from sandbox.ready import answers, says

# Name of the worker: its queues, and how many tasks it does at once.
_WORKERS = {"critical": ("critical,default", 3), "email": ("email,webhooks,bulk", 2), "relay": ("relay", 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The processes of the shop itself, run as they run anywhere; what they write is below `root`/var.

    `crew`: of workers but the relay, how many times as many tasks each does at once.
    """

    env: Mapping[str, str]
    port: int
    flower_port: int
    live_port: int
    root: Path
    crew: int = 1

    def python(self, *words: str, log: str | None) -> Command:
        """`python -m` with these words, logging to this name under var/log (None: to the terminal)."""
        path = self.root / "var/log" / log if log else None
        return Command(argv=[sys.executable, "-m", *words], env=self.env, log=path, cwd=CODE)

    def parts(self) -> list[Part]:
        """API, live process, workers, beat and Flower."""
        return [self._api(), self._live(), *map(self._worker, _WORKERS), self._beat(), self._flower()]

    def _api(self) -> Part:
        words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--no-ws"]
        words += ["--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers"]
        # Without a limit it waits for open streams for ever.
        words += ["--workers-kill-timeout", "3"]
        return Part(
            name="api",
            title="API",
            command=self.python("deploy.serve", *words, "wsgi:app", log="api.log"),
            ready=lambda: answers(f"http://127.0.0.1:{self.port}/health"),
            stop_within=5,
        )

    def _live(self) -> Part:
        return Part(
            name="live",
            title="Live updates",
            command=self.python("granian", *live_words(self.live_port), log="live.log"),
            ready=lambda: answers(f"http://127.0.0.1:{self.live_port}/health"),
            stop_within=5,
        )

    def _worker(self, name: str) -> Part:
        queues, children = _WORKERS[name]
        children *= 1 if name == "relay" else self.crew
        words = ["worker", "-l", self.env["LOG_LEVEL"], "-n", f"{name}@%h", "-Q", queues, "-c", str(children)]
        command = self._celery(*words, "--without-gossip", "--without-mingle", log=f"worker-{name}.log")
        ready = self._reported_ready(command)
        return Part(name="worker", title=f"Worker {name}", command=command, ready=ready, stop_within=6)

    def _beat(self) -> Part:
        schedule = self.root / "var/beat/celerybeat-schedule"
        schedule.parent.mkdir(parents=True, exist_ok=True)
        command = self._celery("beat", "-l", self.env["LOG_LEVEL"], "-s", str(schedule), log="beat.log")
        return Part(name="beat", title="Beat", command=command)

    def _flower(self) -> Part:
        words = ["--address=127.0.0.1", f"--port={self.flower_port}"]
        return Part(
            name="flower",
            title="Flower",
            command=self._celery("flower", *words, log="flower.log"),
            ready=lambda: answers(f"http://127.0.0.1:{self.flower_port}/healthcheck"),
        )

    def _celery(self, *words: str, log: str) -> Command:
        return self.python("celery", "-A", "tasks", *words, log=log)

    def _reported_ready(self, command: Command) -> Callable[[], bool] | None:
        """A worker says that it is ready, unless it was told to be quiet."""
        quiet = command.log is None or self.env["LOG_LEVEL"] not in ("DEBUG", "INFO")
        return None if quiet or command.log is None else says(command.log, " ready.")


def live_words(port: int) -> list[str]:
    """How granian serves the live process: one that holds all streams, and does not wait for them to end."""
    words = ["--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--respawn-failed-workers"]
    # Its own limit on what it serves at once would be reached before ours.
    return [*words, "--backpressure", "10000", "--workers-kill-timeout", "3", "asgi:app"]
