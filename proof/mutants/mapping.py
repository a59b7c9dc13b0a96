"""Which lines of the core each test passes over, and how long it takes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from coverage import Coverage

from proof.mutants.forked import Trial
from proof.mutants.planting import forget, what_is_kept
from sandbox.code import CODE

MOST = 64
"""Sets of parameters with which a test judges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A test that passes, and where it comes by: lines per file."""

    test: str
    seconds: float
    lines: dict[str, list[int]]
    key: str


def passages(session: pytest.Session, keys: dict[str, str], files: list[str]) -> Iterator[list[Passage]]:
    """Run the tests of these files, which are true of these keys, and say where each has been, file by file.

    One that fails without a mutant is left out, and told.
    """
    wanted = (item for item in _some(session.items) if _file(item) in keys)
    for path, items in groupby(wanted, key=_file):
        kept = what_is_kept()
        yield [_passage(session, item, files, keys[path], kept) for item in items]


def _some(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Of a test with many sets of parameters, some of them, spread evenly."""
    for _, group in groupby(items, key=lambda item: item.nodeid.partition("[")[0]):
        same = list(group)
        yield from same[:: 1 + (len(same) - 1) // MOST]


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _passage(
    session: pytest.Session, item: pytest.Item, files: list[str], key: str, kept: list[Any]
) -> Passage:
    coverage = Coverage(config_file=False, data_file=None, include=[str(CODE / file) for file in files])
    coverage.set_option("run:disable_warnings", ["no-data-collected", "module-not-imported"])
    forget(kept)  # else only the first test would come by where a statement is built
    began = time.monotonic()
    with coverage.collect():
        verdict = Trial(session, [item]).run(None)
    seconds = time.monotonic() - began
    data = coverage.get_data()
    lines = {file: sorted(data.lines(str(CODE / file)) or []) for file in files}
    if verdict.outcome != "survived":
        print(f"\nleft out, as it fails without a mutant: {item.nodeid}: {verdict.why}", flush=True)
        lines = {}
    lines = {file: each for file, each in lines.items() if each}
    return Passage(test=item.nodeid, seconds=seconds, lines=lines, key=key)
