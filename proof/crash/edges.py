"""Where the shop touches something that can fail: each crossing is numbered, and can be made to go wrong."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Mode(StrEnum):
    """What goes wrong at an edge."""

    KILL_BEFORE = "kill-before"
    KILL_AFTER = "kill-after"
    RAISE = "raise"
    """The connection breaks; nothing has happened on the other side."""
    LOSE_REPLY = "lose-reply"
    """The other side has done it, and the connection breaks."""
    HANG = "hang"
    """The other side has done it, and its answer does not come in time; a COMMIT stands still before it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One thing that goes wrong: at the edge of this number, counted from 1, which must have this name."""

    edge: int
    mode: Mode
    name: str


class Drifted(BaseException):
    """The edge of this number is another one than when nothing went wrong."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """How one kind of edge fails: each makes it so and answers the error that the caller gets.

    `late` None: a hang here is the whole process standing still before the effect. `repeats`: a library makes
    the same call again at once; then that fails, too.
    """

    broken: Callable[[], Exception]
    lost: Callable[[], Exception]
    late: Callable[[], Exception] | None
    repeats: bool = False


@dataclass(slots=True)
class Edges:
    """The edges that one process crosses, in their order, once `counting`.

    `stand_still` returns when the process may go on.
    """

    plan: Plan | None
    stand_still: Callable[[], None]
    counting: bool = False
    names: list[str] = field(default_factory=list)
    hit: bool = False
    _failed: tuple[int, str] | None = None

    def cross(self, name: str, effect: Callable[[], T], trouble: Trouble) -> T:
        """Do what is behind the edge, or what the plan says instead."""
        after = self.begin(name, trouble)
        result = effect()
        self.end(after, trouble)
        return result

    def begin(self, name: str, trouble: Trouble) -> Mode | None:
        """The first half of crossing: what is to befall the second."""
        mode = self._planned(name, repeats=trouble.repeats)
        if mode is Mode.KILL_BEFORE:
            die()
        if mode is Mode.RAISE:
            raise trouble.broken()
        if mode is Mode.HANG and trouble.late is None:
            self.stand_still()
        return mode

    def end(self, mode: Mode | None, trouble: Trouble) -> None:
        """The second half: the other side has done its part."""
        if mode is Mode.KILL_AFTER:
            die()
        if mode is Mode.LOSE_REPLY:
            raise trouble.lost()
        if mode is Mode.HANG and trouble.late:
            raise trouble.late()

    def _planned(self, name: str, *, repeats: bool) -> Mode | None:
        if not self.counting:
            return None
        self.names.append(name)
        number, plan = len(self.names), self.plan
        again = repeats and self._failed == (number - 1, name)
        if plan is None or not (number == plan.edge or again):
            return None
        if name != plan.name:
            raise Drifted(f"edge {number} is {name!r}, not {plan.name!r}")
        self.hit, self._failed = True, (number, name)
        return plan.mode


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
