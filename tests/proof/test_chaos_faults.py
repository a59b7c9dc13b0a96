"""A fault counts when it has befallen something, and only then."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

from proof.chaos import nemesis as module
from proof.chaos.faults import lines, processes
from proof.chaos.faults.kind import Kind, Missed, Scene, Undo
from proof.chaos.nemesis import KINDS, Injection, Nemesis
from proof.chaos.options import read_options
from proof.chaos.phases import Run
from proof.chaos.proxy import Proxy
from proof.chaos.shop import Shop
from sandbox.ready import wait_until
from sandbox.session import children, send

BY_PROCESS = [
    *processes.KINDS,
    "broker-kill",
    "broker-stop",
    "broker-hang",
    "cache-kill",
    "cache-stop",
    "cache-hang",
    "postgres-immediate",
    "postgres-fast",
    "postgres-hang",
    "stripe-hang",
    "mail-kill",
]
BY_CONNECTION = ["postgres-kill-backend", "postgres-end-backends"]
BY_LINE = ["cut-before-commit", "cut-along-commit", "cut-after-commit", "database-reset", "broker-reset"]
NOBODY = SimpleNamespace(url="redis://127.0.0.1:9/0")


class EmptyShop:
    """Nothing of it runs."""

    def __init__(self) -> None:
        self.kept_down: set[str] = set()
        self.database_line = self.broker_line = Proxy(9)
        self.embedded = SimpleNamespace(cache=NOBODY, broker=NOBODY)
        self.main: int | None = None

    def pid(self, _: str) -> int | None:
        return self.main

    def family(self, _: str) -> list[int]:
        return [] if self.main is None else [self.main]

    def beside(self) -> dict[str, int]:
        return {"second-beat": 7, "shifted-worker": 0}


class SceneWithoutConnections(Scene):
    """PostgreSQL says that nobody is there."""

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return []


@pytest.fixture
def shop() -> Iterator[EmptyShop]:
    empty = EmptyShop()
    empty.database_line.start()
    yield empty
    empty.database_line.stop()


@pytest.fixture
def scene(shop: EmptyShop) -> Scene:
    return SceneWithoutConnections(cast("Shop", shop), random.Random(1))  # noqa: S311  # seeded, not secret


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as running:
        yield running
        running.kill()


@pytest.fixture
def tree() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not listen to SIGTERM, with a child in a session of its own, as PostgreSQL has."""
    with subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" TERM; setsid sleep 60 & echo; wait'],
        start_new_session=True,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        (child,) = children(running.pid)
        wait_until(lambda: os.getsid(child) == child, within=5, failure="It stays in the session.")
        yield running
        for pid in (running.pid, child):
            send(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", [*BY_PROCESS, *BY_CONNECTION, *BY_LINE, "redis-flush"])
def test_what_finds_nothing_to_befall_has_missed(
    kind: str, shop: EmptyShop, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_SOON_SECONDS", 0.05)

    with pytest.raises(Missed):
        KINDS[kind].begin(scene)

    assert (scene.kills, shop.kept_down) == ({}, set())


def test_a_killed_process_is_a_hit(shop: EmptyShop, scene: Scene, process: subprocess.Popen[bytes]) -> None:
    shop.main = process.pid

    KINDS["broker-stop"].begin(scene)

    assert process.wait(timeout=5) == -signal.SIGKILL
    assert scene.kills == {"broker": 1}
    assert shop.kept_down == {"broker"}


def test_who_is_asked_to_end_and_does_is_not_killed(
    shop: EmptyShop, scene: Scene, process: subprocess.Popen[bytes]
) -> None:
    shop.main = process.pid
    lose_patience = KINDS["terminate-api"].begin(scene)
    assert process.wait(timeout=5) == -signal.SIGTERM
    shop.main = None

    assert lose_patience is not None
    lose_patience()

    assert scene.kills == {}


def test_who_is_asked_to_end_and_does_not_is_killed(
    shop: EmptyShop, scene: Scene, tree: subprocess.Popen[bytes]
) -> None:
    shop.main = tree.pid
    lose_patience = KINDS["terminate-api"].begin(scene)
    time.sleep(0.1)
    assert tree.poll() is None

    assert lose_patience is not None
    lose_patience()

    assert tree.wait(timeout=5) == -signal.SIGKILL
    assert scene.kills == {"api": 1}


def test_postgresql_stands_still_with_its_connections(
    shop: EmptyShop, scene: Scene, tree: subprocess.Popen[bytes]
) -> None:
    shop.main = tree.pid
    (connection,) = children(tree.pid)
    assert os.getsid(connection) != os.getsid(tree.pid)

    wake = KINDS["postgres-hang"].begin(scene)

    wait_until(lambda: _states(tree.pid, connection) == {"stopped"}, within=5, failure="It goes on.")
    assert wake is not None
    wake()
    wait_until(lambda: _states(tree.pid, connection) == {"sleeping"}, within=5, failure="It hangs.")


def _states(*pids: int) -> set[str]:
    return {psutil.Process(pid).status() for pid in pids}


class Playing:
    """A nemesis with kinds of our own; `shy` finds a victim when it is told so, in turn."""

    def __init__(self, log: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.scene = log, scene
        self.turns: list[bool] = []
        self.happened: list[str] = []
        kinds = {
            "shy": Kind(1, self._be_shy),
            "lasting": Kind(1, self._last),
            "slow": Kind(1, self._be_slow),
        }
        monkeypatch.setattr(module, "KINDS", kinds)
        monkeypatch.setattr(module, "_AGAIN_SECONDS", 0.02)

    def begin(self, *planned: Injection) -> Nemesis:
        nemesis = Nemesis(self.scene, iter(planned), self.log)
        nemesis.start()
        return nemesis

    def _be_shy(self, _: Scene) -> None:
        self.happened.append("shy")
        if not self.turns.pop(0):
            raise Missed

    def _last(self, _: Scene) -> Undo:
        return lambda: self.happened.append("over")

    def _be_slow(self, _: Scene) -> None:
        time.sleep(0.02)
        self.happened.append("slow")


@pytest.fixture
def playing(tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Playing:
    return Playing(tmp_path / "faults.jsonl", scene, monkeypatch)


def test_a_kind_that_has_not_hit_is_tried_again_and_one_that_has_is_left_at_a_miss(playing: Playing) -> None:
    playing.turns = [False, False, True, False]
    nemesis = playing.begin(Injection(0, "shy", 0), Injection(0.2, "shy", 0))
    wait_until(lambda: nemesis.missed["shy"] == 3, within=10, failure="It is not tried.")
    time.sleep(0.1)
    nemesis.stop()

    assert (nemesis.done, nemesis.missed) == ({"shy": 1}, {"shy": 3})
    assert playing.happened == ["shy"] * 4
    noted = [json.loads(line) for line in playing.log.read_text().splitlines()]
    assert [(each["at"], each["hit"]) for each in noted] == [(0, False), (0, False), (0, True), (0.2, False)]


def test_what_has_lasted_long_enough_ends_even_when_the_plan_is_late(playing: Playing) -> None:
    nemesis = playing.begin(Injection(0, "lasting", 0.01), *(Injection(0, "slow", 0) for _ in range(5)))
    wait_until(lambda: nemesis.done["slow"] == 5, within=10, failure="It is not done.")
    nemesis.stop()

    assert playing.happened[:2] == ["slow", "over"]


def test_who_has_nothing_planned_waits_for_the_end(playing: Playing) -> None:
    nemesis = playing.begin()
    time.sleep(0.1)

    assert nemesis.alive
    nemesis.stop()
    assert not nemesis.alive


def test_a_run_waits_for_each_kind_and_each_part_beside_the_shop(shop: EmptyShop) -> None:
    options = read_options(["--faults", "kill-api,redis-flush,shifted-clock"])
    run = Run(options, cast("Shop", shop), watch=cast("Any", None), say=lambda _: None)
    harm = SimpleNamespace(alive=True, done=Counter({"kill-api": 1}), missed=Counter({"redis-flush": 9}))

    assert run._still_to_hit(cast("Nemesis", harm)) == ["redis-flush", "shifted-worker"]
