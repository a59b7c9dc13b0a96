"""docs/security.md names tests for every line of the checklist, and they are there."""

import re

import pytest

from tests.architecture.source import ROOT

PAGE = (ROOT / "docs/security.md").read_text()
LINES = dict(re.findall(r"^\| (Z\d+) \| (.+) \|$", PAGE, re.MULTILINE))
NAMED = sorted(set(re.findall(r"`([a-z_/]+/test_[a-z_]+)::([a-z0-9_]+)`", PAGE)))


def test_every_line_of_the_checklist_has_a_test_or_a_reason() -> None:
    assert list(LINES) == [f"Z{number}" for number in range(1, 35)]
    without = {name for name, text in LINES.items() if "::" not in text and "does not apply" not in text}
    assert without == set()


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_the_tests_that_it_names_are_there(file: str) -> None:
    source = (ROOT / f"tests/{file}.py").read_text()

    assert [name for of, name in NAMED if of == file and f"def test_{name}(" not in source] == []
