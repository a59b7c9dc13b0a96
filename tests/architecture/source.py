"""The source as these tests read it."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import app

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def files(*folders: str) -> Iterator[Path]:
    """The Python files below these folders of the repository."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    """A file as people call it."""
    return str(path.relative_to(ROOT))


@cache
def import_everything() -> None:
    """Load every module of the app."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)


def descendants(parent: type[T]) -> Iterator[type[T]]:
    """The app's classes below a class; those of tests are left out."""
    import_everything()
    for child in parent.__subclasses__():
        if child.__module__.startswith("app."):
            yield child
        yield from descendants(child)
