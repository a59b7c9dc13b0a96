import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import redis
import requests

from proof.outages.shop import PORTS, RunningShop
from sandbox.code import CODE
from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import says
from tests.system.processes import mark
from tests.system.waiting import until

# Short, so that what a crash leaves behind is soon due; locks are waited for longer than tests hold them.
TIMES = {"LEASE": "3", "RING_GAP": "0.5", "BACKOFF_BASE": "0.2", "LOCK_TIMEOUT": "10"}
# A busy machine must not look like a slow provider, nor a crowd on one address like one caller.
PATIENCE = {"STRIPE_INLINE_TIMEOUT": "4", "RATE_LIMITS": "*.*=1000000000"}


class Shop(RunningShop):
    """The whole shop as `make run` starts it, in a folder and on ports of its own.

    `words` go to its command, `environment` on top of ours.
    Ready when made. What its run file says is read anew each time, because its processes change.
    """

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self.log = folder / "shop.log"
        told = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.ports = {name: environment.get(name) or str(free_port()) for name in PORTS}
        super().__init__(folder, self.ports["PORT"])
        self.command = Command(
            argv=[sys.executable, "-m", "sandbox", "--folder", folder, *words],
            log=self.log,
            env=told | TIMES | PATIENCE | self.ports | mark(folder) | environment,
            cwd=CODE,
            stop_signal=signal.SIGINT,
        )
        # Not by its run file: one that was killed leaves it.
        is_open = says(self.log, "The shop is open")
        self.child = launch("The shop", self.command, ready=is_open, within=90)

    def close(self) -> None:
        """Press Ctrl-C and wait until everything is gone."""
        self.child.stop(within=20)

    def worker(self, queue: str) -> int:
        """The main process of the worker of this queue."""
        listed = {pid: psutil.Process(pid).cmdline() for pid in self.pids("worker")}
        (found,) = (pid for pid, words in listed.items() if queue in words[words.index("-Q") + 1].split(","))
        return found

    @contextmanager
    def one_more_like(self, pid: int, **changes: str) -> Iterator[Child]:
        """Another process like this one, with these words of its command line changed."""
        process = psutil.Process(pid)
        argv = [changes.get(word, word) for word in process.cmdline()]
        log = self.log.with_name(f"one-more-like-{pid}.log")
        child = Child(Command(argv=argv, env=process.environ(), log=log, cwd=CODE))
        try:
            yield child
        finally:
            child.stop(within=10)

    def flush(self) -> None:
        """Wipe both Valkeys."""
        for name in ("redis_url", "broker_url"):
            with redis.Redis.from_url(self.facts[name], socket_timeout=5) as server:
                server.flushall()

    def delay_stripe(self, path: str, method: str, seconds: float, *, when: str = "before") -> None:
        """Let the next such call hang, before its effect or after it."""
        self.order_stripe("faults", path=path, method=method, delay_seconds=seconds, when=when)

    def await_hanging_call(self) -> None:
        """Wait until the call that was ordered to hang has come."""
        until(lambda: self.order_stripe("faults", "GET") == [], "a call to Stripe", within=45)

    def order_mail(self, fault: str, count: int) -> None:
        """Let the mail server fail so often."""
        page = f"http://127.0.0.1:{self.ports['MAIL_PORT']}/faults"
        requests.put(page, json={"fault": fault, "count": count}, timeout=10).raise_for_status()
