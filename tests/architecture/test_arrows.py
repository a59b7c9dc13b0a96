"""What import-linter cannot say."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, name, tree

PRIVATE = {"models", "schemas", "routes"}
SEES_ALL_ROWS = {"ops", "reporting"}


def imports(node: ast.AST) -> Iterator[str]:
    """The modules and names that run-time code imports; hints' imports are left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        if isinstance(child, ast.ImportFrom) and child.module:
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from imports(child)


def private_imports(path: Path) -> Iterator[tuple[str, str]]:
    """The package and kind of each private file of the app that a file imports."""
    for imported in imports(tree(path)):
        words = imported.split(".")
        if words[0] == "app" and len(words) > 2 and words[2] in PRIVATE:
            yield words[1], words[2]


def may(path: Path, package: str, kind: str) -> bool:
    """Whether a file may import another package's models, schemas or routes."""
    own = path.relative_to(ROOT / "app").parts[0]
    if package in {own, "platform"}:  # the schemas of the platform are everybody's
        return True
    return (own == "factory.py" and kind == "routes") or (own in SEES_ALL_ROWS and kind == "models")


def test_models_schemas_and_routes_are_private_to_their_package() -> None:
    seen = {(path, *found) for path in files("app") for found in private_imports(path)}

    assert len(seen) > 20
    assert [
        f"{name(path)}: {package}.{kind}" for path, package, kind in seen if not may(path, package, kind)
    ] == []


def test_the_floors_and_the_map_have_each_package_where_the_linter_has_it() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each.get("containers") == ["app"])
    floors = [set(re.findall(r"\w+", layer)) for layer in layers if layer != "factory"]
    rows = re.findall(r"^\| \d+ \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    on_the_map = re.findall(r"`app/(\w+)`", (ROOT / "README.md").read_text())

    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == floors
    assert set(on_the_map) == set().union(*floors)


def test_tasks_and_live_process_know_neither_rows_nor_requests() -> None:
    outer = files("tasks", "live")

    assert [f"{name(path)} {found}" for path in outer for found in private_imports(path)] == []


def test_nothing_but_the_live_process_is_asynchronous() -> None:
    kinds = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
    found = {
        path
        for path in files("app", "tasks", "live")
        if any(isinstance(node, kinds) for node in ast.walk(tree(path)))
    }

    assert {name(path).partition("/")[0] for path in found} == {"live"}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@cache
def called(path: Path) -> set[str]:
    """The last word of what each call of a file calls."""
    return {ast.unparse(call.func).rpartition(".")[2] for call in calls(path)}


def test_only_one_function_locks() -> None:
    locking = [name(path) for path in files("app", "tasks", "live") if "with_for_update" in called(path)]

    assert locking == ["app/platform/db.py"]


@pytest.mark.parametrize("word", ["apply_async", "retry", "delay", "signature", "chain", "chord"])
def test_a_delay_is_a_row_and_never_a_message(word: str) -> None:
    assert [name(path) for path in files("app", "tasks", "live") if word in called(path)] == []


def test_no_message_waits_at_the_broker() -> None:
    waits = {"eta", "countdown"}

    found = [
        f"{name(path)}:{call.lineno}"
        for path in files("app", "tasks", "live")
        for call in calls(path)
        if waits & {keyword.arg for keyword in call.keywords}
    ]

    assert found == []


def reads_environment(path: Path) -> bool:
    names = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Name | ast.Attribute))
    return any(ast.unparse(node) in {"os.environ", "os.getenv", "environ"} for node in names)


def test_the_environment_is_read_in_one_place() -> None:
    roots = [ROOT / file for file in ("wsgi.py", "asgi.py", "celeryconfig.py", "config.py")]
    reading = [
        name(path)
        for path in [*files("app", "tasks", "live", "migrations"), *roots]
        if reads_environment(path)
    ]

    assert reading == ["celeryconfig.py", "config.py"]
    worker = (ROOT / "celeryconfig.py").read_text()
    assert worker.count("environ") == worker.count('os.environ.get("REMAP_SIGTERM")') == 1


def test_the_lock_serves_behind_any_mirror_and_trusts_hashes_only() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()

    assert [line for line in lines if "://" in line or "index" in line or line.startswith("-")] == []
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
