"""No engine runs here: what the image is made from is checked instead of the image."""

import re
import sys
import tomllib

from deploy.runtime_lock import ALSO, runtime_part
from sandbox.code import CODE

DOCKERFILE = (CODE / "Dockerfile").read_text()
PROJECT = tomllib.loads((CODE / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=; ]", requirement)[0] for requirement in requirements}


def test_the_image_gets_the_runtime_part_of_the_lock_with_its_hashes() -> None:
    lock = (CODE / "requirements.lock").read_text()

    part = runtime_part(lock)

    pinned = set(re.findall(r"^([a-z0-9._-]+)==", part, re.MULTILINE))
    assert names(PROJECT["project"]["dependencies"]) | set(ALSO) <= pinned
    assert {"kombu", "werkzeug", "psycopg-binary"} <= pinned
    groups = PROJECT["dependency-groups"]
    elsewhere = names(groups["test"]) | names(groups["lint"]) | names(groups["local"]) - set(ALSO)
    assert elsewhere & pinned == set()
    assert all(f"{entry}\n" in f"{lock}\n" and "--hash=sha256:" in entry for entry in _entries(part))


def test_the_image_has_every_file_that_runs_and_no_other() -> None:
    ignored = (CODE / ".dockerignore").read_text().splitlines()
    wanted = {line[1:] for line in ignored if line.startswith("!")}

    assert "*" in ignored
    assert [path for path in wanted if not (CODE / path).exists()] == []
    assert wanted == {
        *(
            "app",
            "tasks",
            "live",
            "sandbox",
            "migrations",
            "config.py",
            "wsgi.py",
            "asgi.py",
            "celeryconfig.py",
            "pyproject.toml",
        ),
        *("deploy/healthy.py", "deploy/runtime_lock.py", "deploy/serve.py", "requirements.lock"),
    }


def test_the_image_runs_as_nobody_special_on_the_python_that_the_tests_run_on() -> None:
    bases = re.findall(r"^FROM python:(\d+\.\d+)-slim", DOCKERFILE, re.MULTILINE)

    assert bases == ["3.11"] * 2
    assert f">={bases[0]}" == PROJECT["project"]["requires-python"]
    assert sys.version_info >= (3, 11)
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["backroom"]


def _entries(part: str) -> list[str]:
    return re.split(r"\n(?=\S)", part.strip())
