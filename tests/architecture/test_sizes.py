import ast
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, name, tree

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
ROOTS = [ROOT / file for file in ("celeryconfig.py", "config.py", "wsgi.py", "asgi.py")]
FOLDERS = ("app", "tasks", "live", "sandbox", "tests", "bench", "proof", "deploy")
OURS = [*files(*FOLDERS), *ROOTS]


def test_there_is_something_to_measure() -> None:
    assert len(OURS) > 100


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_long(folder: str) -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in files(folder)}

    sizes |= {name(path): len(path.read_text().splitlines()) for path in ROOTS}
    assert {path: lines for path, lines in sizes.items() if lines > LONGEST_FILE} == {}


def long_functions(path: Path) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{name(path)}:{node.lineno} {node.name}"
        for node in ast.walk(tree(path))
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]


def test_no_function_is_long() -> None:
    assert [found for path in OURS for found in long_functions(path)] == []
