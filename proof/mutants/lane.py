"""A pytest plugin: the run starts its servers and loads the shop once, and then tries mutant after mutant.

Each is planted into a fork of this process, which runs the tests that pass over the changed lines until one
fails. Used by the command only: `pytest -p proof.mutants.lane --plan FILE`.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from proof.mutants.forked import Trial, clean, quiet
from proof.mutants.mapping import Passage, passages
from proof.mutants.words import Mutant, Verdict

PATIENCE = 150
"""Seconds of tests, as they take without a mutant, after which it counts as survived."""

CONTROLS = 24
"""Tests that have to pass in a fork before a mutant is tried."""

_WHOLE = {"client", "stripe"}
"""Who has these has had the whole shop loaded."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command hands over what is to be done, in a file."""
    parser.addoption("--plan", type=Path, help="of proof.mutants: what this lane does")


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of the tests: see which lines they pass over, or try mutants."""
    plan = json.loads(session.config.getoption("--plan").read_text())
    into = Path(plan["into"])
    if "map" in plan:
        with into.open("a") as lines:
            for some in passages(session, plan["map"], plan["files"]):
                lines.writelines(json.dumps(asdict(each)) + "\n" for each in some)
                lines.flush()
        return True
    known = {name: Passage(**each) for name, each in plan["passages"].items()}
    lane = Lane(session, known)
    with into.open("a") as lines:
        for each in plan["mutants"]:
            source = each.pop("source")
            verdict = lane.try_one(Mutant(**each | {"lines": tuple(each["lines"])}))
            verdict = replace(verdict, source=source, judges=plan["judges"])
            lines.write(json.dumps(asdict(verdict)) + "\n")
            lines.flush()
    return True


class Lane:
    """Tries mutants, one at a time. Tests that have killed others of the same function go first."""

    def __init__(self, session: pytest.Session, known: dict[str, Passage]) -> None:
        self._items = {item.nodeid: item for item in session.items}
        self._session, self._known = session, known
        self._killers: dict[str, list[str]] = {}
        self._begin()

    def _begin(self) -> None:
        """Load all that tests share, and see that a fork without a mutant kills nothing."""
        judges = sorted(self._known.keys() & self._items.keys(), key=lambda name: self._known[name].seconds)
        whole = next(name for name in judges if set(vars(self._items[name])["fixturenames"]) >= _WHOLE)
        Trial(self._session, [self._items[whole]]).run(None)
        quiet()
        some = [self._items[name] for name in judges[:: 1 + len(judges) // CONTROLS]]
        verdict = Trial(self._session, some).in_a_fork(None, limit=300)
        if verdict.outcome != "survived":
            raise RuntimeError(f"fails without a mutant: {verdict}")

    def try_one(self, mutant: Mutant) -> Verdict:
        """What becomes of it."""
        chosen = self._chosen(mutant)
        if not chosen:
            return Verdict(key=mutant.key, outcome="survived", why="no test comes here")
        usual = sum(self._known[name].seconds if name in self._known else 8.0 for name in chosen)
        trial = Trial(self._session, [self._items[name] for name in chosen])
        verdict = trial.in_a_fork(mutant, limit=60 + 5 * usual)
        if verdict.outcome == "timeout" or mutant.sql:
            clean()
        if verdict.by:
            self._killers.setdefault(mutant.file + mutant.inside, []).insert(0, verdict.by)
        return verdict

    def _chosen(self, mutant: Mutant) -> list[str]:
        if mutant.tests:
            return [name for name in self._items if name.partition("[")[0] in mutant.tests]
        names = [name for name in self._items if name in self._known and _notices(self._known[name], mutant)]
        before = self._killers.get(mutant.file + mutant.inside, [])
        own = f"tests/{mutant.file.split('/')[1]}/"

        def order(name: str) -> tuple[bool, bool, float]:
            return name not in before, not name.startswith(own), self._known[name].seconds

        return self._within_patience(sorted(names, key=order))

    def _within_patience(self, names: list[str]) -> list[str]:
        spent, chosen = 0.0, list[str]()
        for name in names:
            spent += self._known[name].seconds
            if spent > PATIENCE and chosen:
                break
            chosen.append(name)
        return chosen


def _notices(passage: Passage, mutant: Mutant) -> bool:
    if mutant.is_table:
        package = mutant.file.split("/")[1]
        return any(f"/{package}/" in file or "/settlement/" in file for file in passage.lines)
    first, last = mutant.lines
    return any(first <= line <= last for line in passage.lines.get(mutant.file, ()))
