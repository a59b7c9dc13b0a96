"""The course of a run: calm, chaos, and the quiet after it, each with its measured times."""

import contextlib
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import requests

from proof.chaos.errors import ChaosFailed
from proof.chaos.faults import outside
from proof.chaos.faults.kind import Scene
from proof.chaos.nemesis import KINDS, Nemesis, plan
from proof.chaos.options import Options
from proof.chaos.quiet import Recovery, age_abandoned, is_at_rest, recovered
from proof.chaos.shop import Shop
from proof.chaos.watch import Watch
from sandbox.part import Part
from sandbox.ready import last_lines
from sandbox.session import send

_LONGEST_OPENING = 60.0
_LONGEST_GOODBYE = 180.0
_LONGEST_ENDING = 60.0
_LONGEST_DELAY = 60.0
_LONGEST_MISS = 900.0
_TELL_EVERY_SECONDS = 30.0
_FIRST_ORDERS = 5
_CHAOS_SHARE = 0.5
"""Of the calm speed, what is left amid faults: a guess, by which it is planned how often each kind comes."""
_FULL_SPEED = 10.0
"""Orders a second amid faults from which on these come as often as RELIABILITY F2 asks for. A slower machine
needs as much longer to start anew what was killed, and would do nothing else. In 10,000 orders it killed 562
times with one seed, 848 with another, and sold a little too little meanwhile; 600 are asked for."""
Span = tuple[float, float]


@dataclass(slots=True)
class Course:
    """When calm and chaos began and ended, by the wall clock; and what was done meanwhile, by kind.

    `injected` is what hit, `missed` what found nothing to befall; `befallen` counts what went on all the
    time, as far as it can be counted. `aged`: of how many abandoned hosted pages the hold was ended by hand.
    """

    calm: Span = (0.0, 0.0)
    chaos: Span = (0.0, 0.0)
    recovery: Recovery = field(default_factory=Recovery)
    aged: int = 0
    injected: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    befallen: dict[str, int] = field(default_factory=dict)


class Run:
    """One run on a shop that is open."""

    def __init__(self, options: Options, shop: Shop, watch: Watch, say: Callable[[str], None]) -> None:
        self._options, self._shop, self._watch, self._say = options, shop, watch, say
        self.scene = Scene(shop, random.Random(f"{options.seed}:victims"))
        self.course = Course()
        self._closing = False
        self._told_at = time.monotonic()

    def go_through(self) -> None:
        """All phases. Raises ChaosFailed when the run itself goes wrong."""
        self._let_in()
        rate = self._calm()
        if self._options.faults:
            self._chaos(rate)
        stopped_at = time.monotonic()
        self._say_goodbye()
        self._until(lambda: _works(self._age_abandoned), _LONGEST_ENDING, "The database")
        self.course.recovery = recovered(self.scene, stopped_at, self._until)
        self._rest()

    def _let_in(self) -> None:
        options, shop = self._options, self._shop
        words = ["--api", shop.addresses.api, "--stripe", shop.addresses.stripe, "--seed", str(options.seed)]
        words += ["--clients", str(options.clients), "--history", str(shop.folder / "history.jsonl")]
        command = shop.python("proof.chaos.clients.crowd", *words, log="crowd.log")
        shop.supervisor.start(Part(name="crowd", title="Crowd", command=command, restart=False))

    def _calm(self) -> float:
        """Buy without faults; the answer is how many orders a second were placed."""
        seen = self._watch.seen
        self._until(lambda: seen.orders >= _FIRST_ORDERS, _LONGEST_OPENING, "The first orders")
        began, first = time.time(), seen.orders
        wanted = self._options.calm if self._options.faults else self._options.orders
        self._until(lambda: seen.orders >= wanted, None, "Calm")
        self.course.calm = (began, time.time())
        rate = (seen.orders - first) / (time.time() - began)
        self._say(f"Calm: {rate:.1f} orders/s placed")
        return rate

    def _chaos(self, calm_rate: float) -> None:
        options, seen, began = self._options, self._watch.seen, time.time()
        left = max(options.orders - seen.orders, 1)
        rate = calm_rate * _CHAOS_SHARE
        within = options.duration or left / rate
        self._begin_standing(within)
        slower = max(1.0, _FULL_SPEED / rate)
        planned = plan(options.seed, options.faults, within=within * 0.7, slower=slower)
        nemesis = Nemesis(self.scene, planned, self._shop.folder / "faults.jsonl")
        nemesis.start()
        try:
            self._until(lambda: self._is_enough(nemesis, began), None, "Chaos")
            self._let_each_hit(nemesis)
        finally:
            nemesis.stop()
        self._until(lambda: _works(self._end_standing), _LONGEST_ENDING, "The end of the faults")
        self.course.chaos = (began, time.time())
        self.course.injected, self.course.missed = dict(nemesis.done), dict(nemesis.missed)
        self._say(f"Chaos: {seen.orders} orders, {self.scene.kills.total()} kills; the faults have stopped")

    def _is_enough(self, nemesis: Nemesis, began: float) -> bool:
        _expect_alive(nemesis)
        if self._options.duration is not None:
            return time.time() - began >= self._options.duration
        return self._watch.seen.orders >= self._options.orders

    def _let_each_hit(self, nemesis: Nemesis) -> None:
        """Go on until each kind has hit something, unless it was said how long it takes."""
        left = [] if self._options.duration is not None else self._still_to_hit(nemesis)
        if left:
            self._say(f"All orders are placed; still to come: {', '.join(left)}")
            self._until(lambda: not self._still_to_hit(nemesis), _LONGEST_MISS, "A hit of each kind")

    def _still_to_hit(self, nemesis: Nemesis) -> list[str]:
        _expect_alive(nemesis)
        kinds = [kind for kind in sorted(self._options.faults & KINDS.keys()) if not nemesis.done[kind]]
        return kinds + [part for part, acts in self._shop.beside().items() if not acts]

    def _begin_standing(self, within: float) -> None:
        faults = self._options.faults
        outside.disturb_calls(self.scene, faults)
        outside.disturb_webhooks(self.scene, faults, min(_LONGEST_DELAY, within / 4))
        if "second-beat" in faults:
            self._shop.add_second_beat()
        if "shifted-clock" in faults:
            self._shop.add_shifted()

    def _end_standing(self) -> None:
        for ordered in self.scene.order_stripe("faults", "GET"):
            self.course.befallen[_name_of(ordered)] = ordered["befell"]
        self.scene.order_stripe("faults", "DELETE")
        self.scene.order_stripe("webhooks")
        self.scene.order_mail(None)
        beside = self._shop.beside()
        self.course.befallen |= beside
        self._shop.dismiss(*beside)

    def _say_goodbye(self) -> None:
        """Let the clients come to the end of what they have begun."""
        self._closing = True
        if pid := self._shop.pid("crowd"):
            send(pid, signal.SIGTERM)
        self._until(lambda: self._shop.pid("crowd") is None, _LONGEST_GOODBYE, "The end of all purchases")

    def _age_abandoned(self) -> None:
        self.course.aged = age_abandoned(self.scene)

    def _rest(self) -> None:
        """Start no more scheduled work, so that nothing is under way when all of it is judged."""
        self._shop.dismiss("beat")
        with contextlib.suppress(ChaosFailed):  # what does not end, the oracle finds
            self._until(lambda: is_at_rest(self.scene), _LONGEST_ENDING, "The last work")

    def _until(self, condition: Callable[[], bool], within: float | None, what: str) -> None:
        """Wait, with the shop kept running. Raises ChaosFailed when it takes too long or the crowd fails."""
        deadline = None if within is None else time.monotonic() + within

        def is_late() -> bool:
            return deadline is not None and time.monotonic() > deadline

        def is_over() -> bool:
            self._tell()
            return condition() or is_late() or self._crowd_failed()

        self._shop.supervisor.watch_until(is_over)
        if self._crowd_failed():
            raise ChaosFailed(f"The crowd failed: {last_lines(self._shop.folder / 'var/log/crowd.log')}")
        if is_late() and not condition():
            raise ChaosFailed(f"{what} took longer than {within:.0f} s.")

    def _tell(self) -> None:
        """Say now and then how far it is."""
        if time.monotonic() < self._told_at + _TELL_EVERY_SECONDS:
            return
        self._told_at, seen = time.monotonic(), self._watch.seen
        kills = self.scene.kills.total()
        self._say(
            f"{seen.orders} orders, {seen.pending} pending; {seen.depth} deliveries open; {kills} kills"
        )

    def _crowd_failed(self) -> bool:
        return not self._closing and self._shop.pid("crowd") is None


def _expect_alive(nemesis: Nemesis) -> None:
    if not nemesis.alive:
        raise ChaosFailed("The thread that does the harm has died; its error is above.")


def _works(step: Callable[[], None]) -> bool:
    """Whether a step went well; what it needs may be starting again."""
    try:
        step()
    except (psycopg.Error, requests.RequestException):
        return False
    return True


def _name_of(ordered: dict[str, Any]) -> str:
    """Which of ours an ordered fault is."""
    fits = [name for name, fields in outside.CALLS.items() if fields.items() <= ordered.items()]
    return max(fits, key=lambda name: len(outside.CALLS[name]), default="unknown")
