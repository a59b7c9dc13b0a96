"""Every mutant that the rules make of a file."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from proof.mutants.rules import replacements, state_words
from proof.mutants.words import Mutant
from sandbox.code import CODE

Scope = tuple[str, ...]
_LEFT_OUT = (ast.AnnAssign, ast.Import, ast.ImportFrom, ast.arguments, ast.JoinedStr)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a tree, which `make` makes."""

    inside: str
    lines: tuple[int, int]
    before: str
    after: str
    make: Callable[[], None]


def mutants_of(file: str) -> list[Mutant]:
    """The mutants of one file, in the order of its lines."""
    seen: Counter[str] = Counter()
    found = []
    for number, change in enumerate(changes(ast.parse((CODE / file).read_text()))):
        words = f"{file} {change.inside or 'table'}: {change.before} => {change.after}"
        seen[words] += 1
        key = words if seen[words] == 1 else f"{words} #{seen[words]}"
        found.append(Mutant(key=key, file=file, number=number, lines=change.lines, inside=change.inside))
    return found


def mutated(file: str, number: int) -> ast.Module:
    """The file's tree with its change of this number."""
    tree = ast.parse((CODE / file).read_text())
    changes(tree)[number].make()
    return ast.fix_missing_locations(tree)


def changes(tree: ast.Module) -> list[Change]:
    """All changes that the rules make, each of one place; the same for the same text."""
    words = state_words(tree)
    return [change for node in tree.body for change in _in_statement(tree, node, (), words)]


def _in_statement(parent: ast.AST, node: ast.AST, scope: Scope, words: dict[str, str]) -> Iterator[Change]:
    if isinstance(node, ast.ClassDef):
        for each in node.body:
            if isinstance(each, ast.FunctionDef):
                yield from _in_statement(node, each, (*scope, node.name), words)
    elif isinstance(node, ast.FunctionDef):
        for each in node.body:
            yield from _below(node, each, (*scope, node.name), (each.lineno, each.end_lineno or 0), words)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_table(node):
        yield from _table(node.value, (node.lineno, node.end_lineno or node.lineno), words)


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    """A set, or a mapping, of a module."""
    words = ast.unparse(node)
    is_table = isinstance(node.value, ast.Dict | ast.Tuple) or "frozenset({" in words
    return is_table and not words.startswith("__all__")


def _table(value: ast.expr, lines: tuple[int, int], words: dict[str, str]) -> Iterator[Change]:
    for node in ast.walk(value):
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.Set):
                yield from _changed(node, each, (), lines, words)
    if isinstance(value, ast.Tuple) and all(isinstance(each, ast.Name) for each in value.elts):
        for index, each in enumerate(value.elts):
            yield Change("", lines, ast.unparse(value), f"without {ast.unparse(each)}", _drop(value, index))


def _drop(value: ast.Tuple, index: int) -> Callable[[], None]:
    return lambda: value.elts.__delitem__(index)


def _below(
    parent: ast.AST, node: ast.AST, scope: Scope, lines: tuple[int, int], words: dict[str, str]
) -> Iterator[Change]:
    """The changes of a node, and of all below it, statement by statement."""
    if isinstance(node, _LEFT_OUT) or _is_left_out(node):
        return
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        lines = (node.lineno, body[0].lineno - 1 if body else node.end_lineno or node.lineno)
        lines = (lines[0], max(lines))
    yield from _changed(parent, node, scope, lines, words)
    for child in ast.iter_child_nodes(node):
        yield from _below(node, child, scope, lines, words)


def _is_left_out(node: ast.AST) -> bool:
    """Docstrings, what is logged, and what is told to people."""
    match node:
        case (
            ast.Expr(value=ast.Constant())
            | ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name("log"))))
        ):
            return True
        case ast.Constant(value=str(text)):
            return " " in text
    return False


def _changed(
    parent: ast.AST, node: ast.AST, scope: Scope, lines: tuple[int, int], words: dict[str, str]
) -> Iterator[Change]:
    for other in replacements(node, words):
        ast.copy_location(other, node)
        before, after = _head(node), _head(other)
        yield Change(".".join(scope), lines, before, after, _put(parent, node, other))


def _head(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text.partition(":\n")[0] if isinstance(node, ast.If) else text


def _put(parent: ast.AST, old: ast.AST, new: ast.AST) -> Callable[[], None]:
    def put() -> None:
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                value[:] = [new if each is old else each for each in value]

    return put
