"""What earlier runs have found, kept in var/mutants: a run goes on where another ended.

A verdict holds as long as the mutated file is the same, that of a survivor as long as no test has changed.
Where a test comes by holds as long as neither its file nor the core has changed.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from proof.mutants.core import JUDGES, NO_JUDGES, core_files, name_of
from proof.mutants.words import Mutant, Verdict
from sandbox.code import CODE

_FOLDER = CODE / "var" / "mutants"
PASSED, TRIED = _FOLDER / "passages.jsonl", _FOLDER / "verdicts.jsonl"
SLOW = 20
"""Seconds; a test that takes longer judges no mutants."""


def unmapped() -> dict[str, str]:
    """The files of tests of which it is not known where they come by, each with what that will be true of."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    known = {each["key"] for each in _lines(PASSED)}
    return {file: key for file in _judging_files() if (key := _key(file)) not in known}


def passages() -> dict[str, dict[str, Any]]:
    """Where each test that judges comes by."""
    now = {_key(file) for file in _judging_files()}
    found = (each for each in _lines(PASSED) if each["key"] in now)
    return {each["test"]: each for each in found if each["lines"] and each["seconds"] < SLOW}


def verdicts(mutants: Sequence[Mutant]) -> dict[str, Verdict]:
    """The last verdict on each of these mutants, where it still holds, by their keys."""
    last = {each["key"]: Verdict(**each) for each in _lines(TRIED)}
    found = ((each, last[each.key]) for each in mutants if each.key in last)
    return {mutant.key: verdict for mutant, verdict in found if _holds(mutant, verdict)}


def _holds(mutant: Mutant, verdict: Verdict) -> bool:
    same = verdict.source == source(mutant)
    return same and (verdict.outcome == "killed" or verdict.judges == judges())


def source(mutant: Mutant) -> str:
    """What a verdict on this mutant is true of."""
    file = _digest(mutant.file) if mutant.file else ""
    return hashlib.sha256(
        f"{file} {mutant.old} {mutant.new} {mutant.sql} {mutant.tests}".encode()
    ).hexdigest()


@cache
def judges() -> str:
    """What the survival of a mutant is true of."""
    return hashlib.sha256("".join(_digest(file) for file in _judging_files()).encode()).hexdigest()


@cache
def _key(file: str) -> str:
    return hashlib.sha256("".join(map(_digest, [file, *core_files()])).encode()).hexdigest()


@cache
def _judging_files() -> list[str]:
    found = (CODE / each for each in JUDGES)
    files = (
        file for path in found for file in ([path] if path.is_file() else sorted(path.rglob("test_*.py")))
    )
    return [name for file in files if (name := name_of(file)) not in NO_JUDGES]


@cache
def _digest(file: str) -> str:
    return hashlib.sha256((CODE / file).read_bytes()).hexdigest()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
