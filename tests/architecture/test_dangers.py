"""What opens doors to attackers is not in the code; ruff's S rules and bandit look for the rest."""

import ast
from pathlib import Path

import pytest

from tests.architecture.dangers import found
from tests.architecture.source import ROOT, files, name, tree

ROOTS = [ROOT / file for file in ("celeryconfig.py", "config.py", "wsgi.py", "asgi.py")]
OURS = [*files("app", "tasks", "live", "sandbox", "deploy"), *ROOTS]
"""What meets strangers; migrations, bench and proof only meet those who start them."""
KNOWN = {
    (
        "app/ops/queries/backlog.py",
        "SQL that is put together",
    ): "a whole number, which SET takes no parameter for",
    ("app/payments/models/payments.py", "SQL that is put together"): "our own states, for an index",
}
"""Each was looked at: what is put together there never came from outside."""
PLANTED = {
    "session.execute(text(f'SELECT {name}'))": "SQL that is put together",
    "text('SELECT ' + name)": "SQL that is put together",
    "sqlalchemy.text('SELECT {}'.format(name))": "SQL that is put together",
    "connection.exec_driver_sql('SELECT %s' % name)": "SQL that is put together",
    "subprocess.run(words, shell=True)": "a command for a shell",
    "os.system(words)": "a command for a shell",
    "yaml.load(text)": "YAML that makes objects",
    "session.get(url, verify=False)": "TLS that believes anybody",
    "ssl._create_unverified_context()": "TLS that believes anybody",
    "requests.get(url)": "a request that may last for ever",
    "task.apply_async(args, countdown=5)": "a task at a time of Celery's",
    "task.apply_async(args, eta=then)": "a task at a time of Celery's",
    "self.retry()": "a task at a time of Celery's",
    "markupsafe.Markup(words)": "markup that is not escaped",
    "Environment(autoescape=False)": "markup that is not escaped",
    "eval(words)": "code that is made while it runs",
    "import pickle": "data that runs when it is read",
    "from marshal import loads": "data that runs when it is read",
}
HARMLESS = [
    "text('SELECT 1')",
    "subprocess.run(words, shell=False)",
    "yaml.safe_load(text)",
    "requests.get(url, timeout=3)",
    "task.apply_async(args, expires=5)",
]


@pytest.mark.parametrize("code", PLANTED)
def test_each_danger_is_seen(code: str) -> None:
    assert [danger for danger, _ in found(ast.parse(code))] == [PLANTED[code]]


@pytest.mark.parametrize("code", HARMLESS)
def test_what_is_harmless_is_left_alone(code: str) -> None:
    assert list(found(ast.parse(code))) == []


def test_no_danger_is_in_the_code_but_what_was_looked_at() -> None:
    dangers = {(name(path), danger) for path in OURS for danger, _ in found(tree(path))}

    assert dangers == set(KNOWN)


def test_no_template_shows_what_is_not_escaped() -> None:
    folders = [ROOT / "app", ROOT / "sandbox"]
    templates = [path for folder in folders for end in ("html", "jinja") for path in folder.rglob(f"*.{end}")]

    def opens(path: Path) -> bool:
        content = path.read_text().replace(" ", "")
        return "|safe" in content or "autoescapefalse" in content

    assert len(templates) > 5
    assert [name(path) for path in templates if opens(path)] == []


def test_no_route_fetches_a_row_by_its_id_alone() -> None:
    routes = [path for path in files("app") if "routes" in path.parts or path.name == "routes.py"]
    fetches = {
        f"{name(path)}:{node.lineno}"
        for path in routes
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"session.get", "session.get_one"}
    }

    assert len(routes) > 10
    assert fetches == set()
