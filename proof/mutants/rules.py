"""The rules by which mutants are generated: for a node of the syntax tree, what to put in its place."""

import ast
from collections.abc import Iterator

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_WORDS = {
    "Outcome": ("APPLIED", "UNCHANGED", "STRAY", "UNMATCHED"),
    "orders": ("PENDING", "PAID", "PACKED", "SHIPPED", "DELIVERED", "CANCELLED"),
    "payments": ("CREATING", "OPEN", "PROCESSING", "SUCCEEDED", "CANCELLED", "REVIEW"),
    "refunds": ("OWED", "PENDING", "RETURNED", "FAILED"),
}


def replacements(node: ast.AST, words: dict[str, str]) -> Iterator[ast.AST]:
    """What the rules put in the node's place; `words` are the names that stand for a state, with the next."""
    yield from _other_operator(node)
    yield from _other_word(node, words)
    yield from _other_statement(node)
    if isinstance(node, ast.Call):
        yield from _fewer_conditions(node)
    if isinstance(node, ast.Set):
        yield from (ast.Set(fewer) for fewer in _one_less(node.elts))


def _other_operator(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[operator]):
            yield ast.Compare(node.left, [_COMPARED[type(operator)]()], node.comparators)
        case ast.BoolOp(op=operator):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node.operand
        case ast.BinOp(op=operator) if _is_sum(node):
            yield ast.BinOp(node.left, _SUMS[type(operator)](), node.right)


def _other_word(node: ast.AST, words: dict[str, str]) -> Iterator[ast.AST]:
    match node:
        case ast.Constant():
            yield from _other_constant(node)
        case ast.Name(id=name, ctx=ast.Load()) if name in words:
            yield ast.Name(words[name], ast.Load())
        case ast.Attribute(attr=name, value=ast.Name(id=of)) if f"{of}.{name}" in words:
            yield ast.Attribute(node.value, words[f"{of}.{name}"], ast.Load())


def _is_sum(node: ast.BinOp) -> bool:
    joins = isinstance(node.left, ast.Dict) or isinstance(node.right, ast.Dict)
    return type(node.op) in _SUMS and not joins


def _other_constant(node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int():
            yield ast.Constant(node.value + 1)
        case str():
            yield ast.Constant(f"not {node.value}")


def _fewer_conditions(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("where", "and_", "or_") and (len(node.args) > 1 or name == "where"):
        for fewer in _one_less(node.args):
            yield ast.Call(node.func, fewer, node.keywords)
    if name in ("max", "min"):
        other = ast.Name("min" if name == "max" else "max", ast.Load())
        yield ast.Call(other, node.args, node.keywords)
    if name == "locked":
        yield node.args[0]


def _one_less(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for index in range(len(nodes)):
        yield nodes[:index] + nodes[index + 1 :]


def _other_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Continue():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield ast.Pass()
        case ast.AugAssign(op=operator) if type(operator) in _SUMS:
            yield ast.Pass()
            yield ast.AugAssign(node.target, _SUMS[type(operator)](), node.value)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(test, ast.Constant):
            for answer in (True, False):
                fields = dict(ast.iter_fields(node)) | {"test": ast.Constant(answer)}
                yield type(node)(**fields)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def state_words(tree: ast.Module) -> dict[str, str]:
    """The names by which a module speaks of states, each with the one that is put in its place."""
    found: dict[str, str] = {}
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    for of, names in _WORDS.items():
        place = "Outcome." if of == "Outcome" else "states."
        following = dict(zip(names, names[1:] + names[:1], strict=True))
        if of == "Outcome" or any(_imports(node, f"app.{of}") for node in tree.body):
            found |= {f"{place}{name}": f"{following[name]}" for name in names}
        here = [name for name in names if name in imported]
        found |= dict(zip(here, here[1:] + here[:1], strict=True)) if len(here) > 1 else {}
    return found


def _imports(node: ast.stmt, package: str) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
    return isinstance(node, ast.ImportFrom) and node.module == package and "states" in names
