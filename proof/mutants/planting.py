"""Planting a mutant into this process, which has the shop loaded: a forked child does, and dies with it."""

import ast
import gc
import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from proof.mutants.generating import mutated
from proof.mutants.words import Mutant
from sandbox.code import CODE


class Unplantable(Exception):
    """The change is of nothing that runs: the mutant must be written anew."""


def plant(mutant: Mutant) -> None:
    """Let the process run the mutant from now on. Raises Unplantable."""
    path = str(CODE / mutant.file)
    tree = mutated(mutant.file, mutant.number) if mutant.number >= 0 else edited(mutant)
    if mutant.is_table:
        _put_table(path, tree, mutant.lines)
    else:
        _put_functions(path, tree)


def edited(mutant: Mutant) -> ast.Module:
    """The tree of the text after a change by hand. Raises Unplantable unless `old` stands there once."""
    text = (CODE / mutant.file).read_text()
    if text.count(mutant.old) != 1:
        raise Unplantable(f"{mutant.key}: its text stands {text.count(mutant.old)} times in {mutant.file}")
    return ast.parse(text.replace(mutant.old, mutant.new))


def _put_functions(path: str, tree: ast.Module) -> None:
    """Every function of the file gets its new code in place, whoever has imported or wrapped it."""
    codes = dict(_codes(compile(tree, path, "exec")))
    # What runs may have marks in it of who counts lines.
    unchanged = dict(_codes(compile(Path(path).read_text(), path, "exec")))
    changed = 0
    for function in _functions(path):
        name = function.__code__.co_qualname
        new = codes.get(name)
        if new is not None and new.co_freevars == function.__code__.co_freevars:
            changed += _is_other(new, unchanged[name])
            function.__code__ = new
    if not changed:
        raise Unplantable(f"no function of {path} has changed")
    forget(what_is_kept())


def forget(kept: list[Any]) -> None:
    """What the shop builds once and keeps, as its statements, is built anew."""
    for each in kept:
        each.cache_clear()


def what_is_kept() -> list[Any]:
    """The caches of the shop's functions."""
    # By its type alone: a proxy that is asked for its class may load what it stands for.
    found = (each for each in known_objects() if type(each) is _lru_cache_wrapper)
    return [each for each in found if each.__module__.startswith("app.")]


def _functions(path: str) -> list[FunctionType]:
    functions = (each for each in known_objects() if type(each) is FunctionType)
    return [each for each in functions if each.__code__.co_filename == path]


def known_objects() -> list[Any]:
    """All that the collector knows; of what was frozen when the shop was loaded it tells nothing."""
    gc.unfreeze()
    return gc.get_objects()


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each.co_qualname, each
            yield from _codes(each)


def _is_other(new: CodeType, old: CodeType) -> bool:
    """Apart from where its lines are."""
    return _essence(new) != _essence(old)


def _essence(code: CodeType) -> tuple[Any, ...]:
    inner = tuple(_essence(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, inner


def _put_table(path: str, tree: ast.Module, lines: tuple[int, int]) -> None:
    """The one statement is run again; whoever has imported the old table gets the new one."""
    (module,) = (each for each in list(sys.modules.values()) if getattr(each, "__file__", None) == path)
    (statement,) = (each for each in tree.body if each.lineno == lines[0])
    space = dict(vars(module))
    exec(compile(ast.Module([statement], []), path, "exec"), space)  # noqa: S102  # our own source, changed
    for name, value in list(vars(module).items()):
        if (
            isinstance(value, tuple | frozenset | dict)
            and name != "__annotations__"
            and space[name] is not value
        ):
            _replace(value, space[name])


def _replace(old: object, new: object) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(("app.", "tasks.")):
            for key, value in list(vars(module).items()):
                if value is old:
                    setattr(module, key, new)
