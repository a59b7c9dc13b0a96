"""What the house does not do, as shapes of code: what a linter of Python in general cannot know."""

import ast
from collections.abc import Callable, Iterator
from functools import cache

Rule = Callable[[ast.Call], bool]
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
WRITES_CODE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
"""Modules that run what they read."""


@cache
def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _says(call: ast.Call, name: str, *, value: bool) -> bool:
    given = _keyword(call, name)
    return isinstance(given, ast.Constant) and given.value is value


def _put_together(node: ast.expr) -> bool:
    """Whether a text is made of parts: an f-string, a sum, a format, a template with %."""
    if isinstance(node, ast.BinOp):
        return True
    is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return isinstance(node, ast.JoinedStr) or (is_format and _called(node).endswith(".format"))


RULES: dict[str, Rule] = {
    "SQL that is put together": lambda call: (
        _called(call).rpartition(".")[2] in {"text", "exec_driver_sql"}
        and bool(call.args)
        and _put_together(call.args[0])
    ),
    "a command for a shell": lambda call: (
        _says(call, "shell", value=True) or _called(call) in {"os.system", "os.popen", "subprocess.getoutput"}
    ),
    "YAML that makes objects": lambda call: (
        _called(call) in {"yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"}
    ),
    "TLS that believes anybody": lambda call: (
        _says(call, "verify", value=False)
        or _says(call, "check_hostname", value=False)
        or _called(call).endswith("_create_unverified_context")
    ),
    "a request that may last for ever": lambda call: (
        _called(call) in {f"requests.{verb}" for verb in VERBS} and _keyword(call, "timeout") is None
    ),
    "a task at a time of Celery's": lambda call: (
        any(_keyword(call, name) for name in ("eta", "countdown")) or _called(call) == "self.retry"
    ),
    "markup that is not escaped": lambda call: (
        _called(call).rpartition(".")[2] == "Markup" or _says(call, "autoescape", value=False)
    ),
    "code that is made while it runs": lambda call: _called(call) in {"eval", "exec", "__import__"},
}


def found(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Each danger in a module, and its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield from ((name, node.lineno) for name, rule in RULES.items() if rule(node))
        elif WRITES_CODE & _imported(node):
            yield "data that runs when it is read", node.lineno  # type: ignore[attr-defined]  # an import has one


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
