"""The page of promises is true: each test that it names is there, and names the faults that it is for."""

import ast
import re

import pytest

from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "promises.md").read_text()
NAMED = re.findall(r"^\| ([^|]+) \| [^|]+ \| `([^`]+)::([^`]+)` \|$", PAGE, re.MULTILINE)


def test_the_page_names_faults() -> None:
    assert len(NAMED) == PAGE.count("\n| ") - 1


@pytest.mark.parametrize(("faults", "file", "name"), NAMED, ids=[name for _, _, name in NAMED])
def test_each_named_test_is_there_and_says_what_it_is_for(faults: str, file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]

    told = " ".join((ast.get_docstring(found[0]) or "").split()) if found else ""

    assert [fault for fault in faults.split(", ") if fault not in told] == []
