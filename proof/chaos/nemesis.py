"""Who does the harm: a plan that follows from the seed, and a thread that carries it out."""

import heapq
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import psycopg
import redis
import requests

from proof.chaos.faults import lines, outside, processes, stores
from proof.chaos.faults.kind import Kind, Missed, Scene

KINDS: Mapping[str, Kind] = {**processes.KINDS, **stores.KINDS, **lines.KINDS, **outside.KINDS}
STANDING = ("second-beat", "shifted-clock", *outside.CALLS, *outside.WEBHOOKS)
"""What goes on as long as the faults last."""
NAMES = (*KINDS, *STANDING)
_MISSED = (Missed, psycopg.Error, redis.RedisError, requests.RequestException, OSError)
"""The victim was down already."""
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, order=True)
class Injection:
    """What is done when, in seconds from the start, and for how long."""

    at: float
    kind: str
    seconds: float


def plan(seed: int, kinds: Collection[str], *, within: float, slower: float) -> Iterator[Injection]:
    """Every injection of a run, by time, without an end. Each kind occurs first within so many seconds.

    What each kind does, in which order and how long, follows from the seed; all of it comes `slower` times
    as rarely on a machine that is as much slower.
    """
    return heapq.merge(*(_of_kind(seed, name, within, slower) for name in sorted(set(kinds) & KINDS.keys())))


def _of_kind(seed: int, name: str, within: float, slower: float) -> Iterator[Injection]:
    dice, kind = random.Random(f"{seed}:{name}"), KINDS[name]
    every = kind.every * slower
    at = dice.random() * min(every, within)
    while True:
        yield Injection(round(at, 2), name, round(dice.uniform(*kind.lasts), 2))
        at += every * dice.uniform(0.5, 1.5)


class Nemesis:
    """Carries a plan out in a thread of its own, and writes down what it did to `log`.

    `done` counts what hit, `missed` what found nothing to befall. A kind that has not hit yet is tried again
    soon; later misses are left at that.
    """

    def __init__(self, scene: Scene, planned: Iterator[Injection], log: Path) -> None:
        self.done: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self._scene, self._planned, self._log = scene, planned, log
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nemesis")

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it goes on; an error that nobody expected ends it."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End, with everything undone that does not end by itself."""
        self._enough.set()
        self._thread.join()

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    def _run(self) -> None:
        for injection in self._planned:
            self._wait(injection.at)
            if self._enough.is_set():
                break
            self._inject(injection)
        self._enough.wait()  # a plan of what goes on all the time has nothing in it
        while self._later:
            heapq.heappop(self._later)[2]()

    def _wait(self, until: float) -> None:
        """Until it is time, ending meanwhile what has lasted long enough; also when it is late already."""
        while not self._enough.is_set():
            while self._later and self._later[0][0] <= self._now:
                heapq.heappop(self._later)[2]()
            if self._now >= until:
                return
            due = min(until, self._later[0][0] if self._later else until)
            self._enough.wait(max(0.01, due - self._now))

    def _inject(self, injection: Injection) -> None:
        began, kind = self._now, injection.kind
        try:
            undo = KINDS[kind].begin(self._scene)
        except _MISSED:
            self._note(injection, began, hit=False)
            self.missed[kind] += 1
            self._put_off(_AGAIN_SECONDS, lambda: self._try_again(injection))
            return
        self._note(injection, began, hit=True)
        self.done[kind] += 1
        if undo:
            self._put_off(injection.seconds, undo)

    def _try_again(self, injection: Injection) -> None:
        if not self._enough.is_set() and not self.done[injection.kind]:
            self._inject(injection)

    def _put_off(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self._now + seconds, next(self._numbers), act))

    def _note(self, injection: Injection, began: float, *, hit: bool) -> None:
        with self._log.open("a") as log:
            log.write(json.dumps(asdict(injection) | {"done_at": round(began, 2), "hit": hit}) + "\n")
