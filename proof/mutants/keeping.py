"""What earlier runs have found, kept in var/mutants: a run goes on where another ended.

A verdict holds as long as the mutated file is the same, that of a survivor as long as no test has changed.
Where a test comes by holds as long as neither its file nor the core has changed.
"""

import hashlib
import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from proof.mutants.core import JUDGES, NO_JUDGES, core_files, name_of
from proof.mutants.words import Mutant, Verdict
from sandbox.code import CODE

_FOLDER = CODE / "var" / "mutants"
PASSED, TRIED = _FOLDER / "passed.jsonl", _FOLDER / "tried.jsonl"
_PASSAGES, _VERDICTS = _FOLDER / "passages.jsonl", _FOLDER / "verdicts.jsonl"
SLOW = 20
"""Seconds; a test that takes longer judges no mutants."""


def unmapped() -> list[str]:
    """The files of tests of which it is not known where they come by."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    stamp_passages()
    known = {each["key"] for each in _lines(_PASSAGES)}
    return [file for file in _judging_files() if _key(file) not in known]


def stamp_passages() -> None:
    """Keep what lanes have seen, together with what it is true of."""
    for each in _lines(PASSED):
        _append(_PASSAGES, each | {"key": _key(each["test"].partition("::")[0])})
    PASSED.unlink(missing_ok=True)


def passages() -> dict[str, dict[str, Any]]:
    """Where each test that judges comes by."""
    now = {_key(file) for file in _judging_files()}
    found = (each for each in _lines(_PASSAGES) if each["key"] in now)
    return {each["test"]: each for each in found if each["lines"] and each["seconds"] < SLOW}


def stamp(tried: list[Mutant]) -> None:
    """Keep the verdicts of lanes, together with what they are true of."""
    mutants = {each.key: each for each in tried}
    for words in _lines(TRIED):
        if mutant := mutants.get(words["key"]):
            verdict = replace(Verdict(**words), source=_source(mutant), judges=_judges())
            _append(_VERDICTS, asdict(verdict))
    TRIED.unlink(missing_ok=True)


def verdict(mutant: Mutant) -> Verdict | None:
    """The last verdict on this mutant, if it still holds."""
    words = _verdicts().get(mutant.key)
    if words is None or words["source"] != _source(mutant):
        return None
    if words["outcome"] == "killed" or words["judges"] == _judges():
        return Verdict(**words)
    return None


def _verdicts() -> dict[str, dict[str, Any]]:
    return {each["key"]: each for each in _lines(_VERDICTS)}


def _source(mutant: Mutant) -> str:
    file = _digest(mutant.file) if mutant.file else ""
    return hashlib.sha256(
        f"{file} {mutant.old} {mutant.new} {mutant.sql} {mutant.tests}".encode()
    ).hexdigest()


@cache
def _judges() -> str:
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


def _append(path: Path, words: dict[str, Any]) -> None:
    with path.open("a") as file:
        file.write(json.dumps(words) + "\n")
