"""The shop's process, from outside: it is forked, told what to do, and may be dead at any moment."""

import os
import signal
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from proof.crash.edges import Plan
from proof.crash.life import FROZEN, Failed, Order, Parts, live

PATIENCE_SECONDS = 30.0
"""Nothing that the shop is told to do may take longer, whatever goes wrong."""


class Died(Exception):
    """The process was killed before it answered."""


class Frozen(Exception):
    """The process stands still before an effect, until it is thawed."""


class Stuck(Exception):
    """The shop did what it must never do; the text says what."""


@dataclass(slots=True)
class Process:
    """A running life of the shop."""

    pid: int
    line: Connection

    def tell(self, order: Order, *words: Any) -> Any:
        """Have an order followed; the answer is what it returned. Raises Died, Frozen, and Stuck."""
        self.line.send((order, words))
        return self._answer(order.__name__)

    def thaw(self, order: Order) -> Any:
        """Let a frozen process finish what it was told. Raises as tell() does."""
        self.line.send("go on")
        return self._answer(order.__name__)

    def end(self) -> None:
        """Let go of it."""
        self.line.close()
        os.waitpid(self.pid, 0)

    def _answer(self, told: str) -> Any:
        if not self.line.poll(PATIENCE_SECONDS):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise Stuck(f"{told} did not end within {PATIENCE_SECONDS:.0f} s")
        try:
            answer = self.line.recv()
        except EOFError:
            raise self._death(told) from None
        if answer == FROZEN:
            raise Frozen
        if isinstance(answer, Failed):
            raise Stuck(f"{told} raised {answer.reason}")
        return answer

    def _death(self, told: str) -> Exception:
        self.line.close()
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return Died()
        return Stuck(f"the process ended by itself during {told}, with status {status}")


def start(parts: Parts, plan: Plan | None) -> Process:
    """Fork a life of the shop. Connections of this process must not be among its parts."""
    ours, theirs = Pipe()
    pid = os.fork()
    if pid == 0:
        ours.close()
        live(theirs, parts, plan)
    theirs.close()
    return Process(pid, ours)
