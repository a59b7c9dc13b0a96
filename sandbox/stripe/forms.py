import re
from collections.abc import Iterable

from sandbox.stripe.errors import malformed

Tree = dict[str, "str | Tree"]
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Names with brackets as a tree: `a[b]=c` is {"a": {"b": "c"}}; list items have their index as name.

    Raises Refusal for a name that is no such path, or that uses a value as a branch.
    """
    tree: Tree = {}
    for name, value in pairs:
        _place(tree, name, value)
    return tree


def _place(tree: Tree, name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    if match is None:
        raise malformed(f"Invalid parameter name: {name}", param=name)
    *branches, leaf = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    for branch in branches:
        below = tree.setdefault(branch or str(len(tree)), {})
        if isinstance(below, str):
            raise malformed(f"Invalid hash: {name}", param=name)
        tree = below
    tree[leaf or str(len(tree))] = value
