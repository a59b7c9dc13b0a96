"""A running shop, and what can be done to its parts."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests
from psycopg.rows import tuple_row

from sandbox.code import CODE
from sandbox.mail.inbox import Inbox, Summary
from sandbox.ports import free_port
from sandbox.process import Command, launch
from sandbox.ready import says
from sandbox.session import kill_session, members, send

PORTS = ("PORT", "LIVE_PORT", "FLOWER_PORT", "STRIPE_PORT", "MAIL_PORT")


class RunningShop:
    """A shop that was started as `make run` does. What its run file says is read anew each time."""

    def __init__(self, folder: Path, port: str) -> None:
        self._run_file = folder / "var/run.json"
        self._port = port

    @property
    def facts(self) -> dict[str, Any]:
        """What the run file says now."""
        found: dict[str, Any] = json.loads(self._run_file.read_text())
        return found

    @property
    def api(self) -> str:
        """Where the shop is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def folder(self) -> Path:
        """Where it writes."""
        return self._run_file.parents[1]

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A transaction of the caller's own; its locks are held until the block ends."""
        with psycopg.connect(self.facts["database_url"], row_factory=tuple_row) as connection:
            yield connection

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query answers now."""
        with self.transaction() as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def order_stripe(self, path: str, method: str = "POST", /, **body: Any) -> Any:
        """Tell the Stripe stand-in to do something."""
        stripe = self.facts["stripe"]
        key = {"Authorization": f"Bearer {stripe['api_key']}"}
        url = f"{stripe['base']}/_admin/{path}"
        answer = requests.request(method, url, headers=key, json=body or None, timeout=30)
        answer.raise_for_status()
        return answer.json()

    @property
    def inbox(self) -> list[Summary]:
        """Every mail that was caught, newest first."""
        return Inbox(Path(self.facts["mail_dir"])).newest(1_000_000)

    def pids(self, name: str) -> list[int]:
        """The main processes of a part."""
        return list(self.facts["pids"][name])

    def kill(self, name: str) -> None:
        """SIGKILL a part with all its children, at once; the supervisor starts it again."""
        for pid in self.pids(name):
            kill_session(pid)

    @contextmanager
    def frozen(self, leader: int) -> Iterator[None]:
        """Every process of a session stands still until the block ends."""
        still = members(leader)
        for pid in still:
            send(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in still:
                send(pid, signal.SIGCONT)

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Parts are dead until the block ends: the supervisor is frozen, so that it starts nothing again."""
        (supervisor,) = self.pids("supervisor")
        send(supervisor, signal.SIGSTOP)
        try:
            for name in names:
                self.kill(name)
            yield
        finally:
            send(supervisor, signal.SIGCONT)


@contextmanager
def own_shop(folder: Path) -> Iterator[RunningShop]:
    """A new shop in a folder and on ports of its own, as it is by default; one address may ask for all."""
    told = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ports = {name: str(free_port()) for name in PORTS}
    log = folder / "shop.log"
    command = Command(
        argv=[sys.executable, "-m", "sandbox", "--folder", folder, "--no-demo"],
        log=log,
        env=told | ports | {"RATE_LIMITS": "*.*=1000000000"},
        cwd=CODE,
        stop_signal=signal.SIGINT,
    )
    child = launch("The shop", command, ready=says(log, "The shop is open"), within=120)
    try:
        yield RunningShop(folder, ports["PORT"])
    finally:
        child.stop(within=20)
