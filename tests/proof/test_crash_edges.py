"""Numbering edges, failing at one of them, and choosing which, without a shop."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import pytest

from proof.crash import run as command
from proof.crash.choosing import QUICK, chosen, scenarios_of
from proof.crash.edges import Drifted, Edges, Mode, Plan, Trouble
from proof.crash.lane import Outcome, Run
from proof.crash.life import Answer
from proof.crash.options import Options
from proof.crash.scenarios import SCENARIOS
from proof.crash.world import is_accident


class Broken(Exception):
    """What a caller gets."""


class World:
    """Something to have an effect on, and to stand still in."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.trouble = Trouble(
            broken=lambda: Broken("broken"), lost=lambda: Broken("lost"), late=lambda: Broken("late")
        )

    def edges(self, plan: Plan | None) -> Edges:
        return Edges(plan, stand_still=lambda: self.effects.append("stood still"), counting=True)

    def cross(self, edges: Edges, name: str) -> None:
        edges.cross(name, lambda: self.effects.append(name), self.trouble)


@pytest.fixture
def world() -> World:
    return World()


def test_edges_are_named_in_their_order_once_they_count(world: World) -> None:
    edges = world.edges(None)
    edges.counting = False
    world.cross(edges, "before")
    edges.counting = True

    world.cross(edges, "first")
    world.cross(edges, "second")

    assert edges.names == ["first", "second"]
    assert world.effects == ["before", "first", "second"]
    assert not edges.hit


@pytest.mark.parametrize(
    ("mode", "told", "effects"),
    [
        (Mode.RAISE, "broken", ["first"]),
        (Mode.LOSE_REPLY, "lost", ["first", "second"]),
        (Mode.HANG, "late", ["first", "second"]),
    ],
)
def test_only_the_planned_edge_fails_before_or_after_its_effect(
    mode: Mode, told: str, effects: list[str], world: World
) -> None:
    edges = world.edges(Plan(2, mode, "second"))
    world.cross(edges, "first")

    with pytest.raises(Broken, match=told):
        world.cross(edges, "second")

    assert world.effects == effects
    assert edges.hit
    world.cross(edges, "second")
    assert world.effects == [*effects, "second"]


def test_a_commit_that_hangs_stands_still_before_its_effect(world: World) -> None:
    world.trouble = replace(world.trouble, late=None)
    edges = world.edges(Plan(1, Mode.HANG, "commit"))

    world.cross(edges, "commit")

    assert world.effects == ["stood still", "commit"]


def test_a_library_that_repeats_the_call_at_once_fails_again(world: World) -> None:
    world.trouble = replace(world.trouble, repeats=True)
    edges = world.edges(Plan(1, Mode.RAISE, "call"))

    for _ in range(2):
        with pytest.raises(Broken):
            world.cross(edges, "call")
    world.cross(edges, "another")
    world.cross(edges, "call")

    assert world.effects == ["another", "call"]


def test_an_edge_that_is_another_than_in_calm_is_no_success(world: World) -> None:
    edges = world.edges(Plan(1, Mode.RAISE, "commit"))

    with pytest.raises(Drifted, match="edge 1 is 'send', not 'commit'"):
        world.cross(edges, "send")


CALM = {
    "card": ("a: commit", "a: SMTP content", "a: SMTP QUIT", "a: commit", "b: commit"),
    "guest": ("c: commit",),
}
ALL = Options(
    scenarios=("card", "guest"), modes=tuple(Mode), edge=None, at="", sample=None, seed=1, quick=False, jobs=1
)


def test_every_edge_is_tried_in_every_way() -> None:
    runs = chosen(ALL, CALM)

    assert [(run.scenario, run.plan) for run in runs] == [
        (scenario, Plan(number, mode, name))
        for scenario, names in CALM.items()
        for number, name in enumerate(names, start=1)
        for mode in Mode
    ]


def test_edges_are_found_by_their_name() -> None:
    runs = chosen(replace(ALL, at="SMTP", modes=(Mode.RAISE,)), CALM)

    assert [run.plan.edge for run in runs if run.plan] == [2, 3]


def test_a_mail_may_be_doubled_only_between_its_end_and_the_note_of_it() -> None:
    runs = chosen(replace(ALL, modes=(Mode.KILL_AFTER,)), CALM)

    assert [run.plan.edge for run in runs if run.may_double and run.plan] == [2, 3, 4]


def test_a_webhook_may_be_doubled_only_between_its_call_and_the_note_of_it() -> None:
    calm = {"card": ("a: commit", "a: call a third party", "a: commit", "b: commit")}

    runs = chosen(replace(ALL, modes=(Mode.KILL_AFTER,)), calm)

    assert [run.plan.edge for run in runs if run.may_double and run.plan] == [2, 3]


def test_a_text_message_may_be_given_up_only_around_its_call() -> None:
    calm = {"card": ("a: commit", "a: commit", "a: text POST", "a: commit", "b: commit")}

    runs = chosen(replace(ALL, modes=(Mode.KILL_AFTER,)), calm)

    assert [run.plan.edge for run in runs if run.in_doubt and run.plan] == [2, 3, 4]


def test_a_quick_run_plays_its_three_scenarios_and_nine_that_the_seed_draws() -> None:
    some = replace(ALL, quick=True, scenarios=tuple(SCENARIOS))
    first, again, other = (scenarios_of(replace(some, seed=seed)) for seed in (1, 1, 2))

    assert first == again != other
    assert {*QUICK} < {*first} < {*SCENARIOS}
    assert (len(first), len(other)) == (12, 12)
    assert scenarios_of(replace(some, quick=False)) == list(SCENARIOS)


def test_a_quick_run_kills_at_every_edge_of_three_scenarios() -> None:
    runs = chosen(replace(ALL, quick=True, sample=4), CALM)

    kills = [
        Run("card", Plan(number, mode, name), may_double=number in (2, 3, 4))
        for number, name in enumerate(CALM["card"], start=1)
        for mode in (Mode.KILL_BEFORE, Mode.KILL_AFTER)
    ]
    assert len(QUICK) == 3
    assert runs[: len(kills)] == kills
    assert len(runs) == len(kills) + 4
    assert not set(runs[len(kills) :]) & set(kills)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    first, again, other = (chosen(replace(ALL, sample=10, seed=seed), CALM) for seed in (1, 1, 2))

    assert first == again != other
    assert len(first) == 10


@pytest.mark.parametrize(
    ("status", "headers", "is_one"),
    [
        (500, {}, True),
        (500, {"Retry-After": "1"}, True),
        (502, {}, True),
        (503, {}, True),
        (503, {"Retry-After": "1"}, False),
        (429, {"Retry-After": "1"}, False),
        (202, {"Retry-After": "1"}, False),
    ],
)
def test_a_server_error_is_an_accident_unless_it_asks_to_come_again(
    status: int, headers: dict[str, str], *, is_one: bool
) -> None:
    assert is_accident(Answer(status, headers, b"")) is is_one


class CalmLanes:
    """Here everything ends well."""

    def map(self, _: Callable[[Run], Outcome], runs: Sequence[Run]) -> Iterator[Outcome]:
        return (Outcome(run, (), CALM[run.scenario], 0.0) for run in runs)


@pytest.mark.parametrize(("edge", "is_there"), [(5, True), (6, False)])
def test_an_edge_that_is_not_there_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], edge: int, *, is_there: bool
) -> None:
    monkeypatch.setattr(command, "_lanes", lambda *_: nullcontext(CalmLanes()))

    assert command.run(replace(ALL, scenarios=("card",), edge=edge)) is is_there

    assert ("No run fits" in capsys.readouterr().out) is not is_there
