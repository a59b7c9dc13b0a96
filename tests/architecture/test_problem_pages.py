import re
from collections import defaultdict

from app.platform.errors import AppError
from app.platform.problems import BUG, OF_HTTP
from tests.architecture.source import ROOT, descendants

ROW = re.compile(r"^\| `([a-z-]+)` \| (\d{3}) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def documented() -> dict[str, tuple[int, str]]:
    """Status and title of each code on the page."""
    found = ROW.findall((ROOT / "docs/problems.md").read_text())
    assert len({code for code, *_ in found}) == len(found), "a code stands there twice"
    return {code: (int(status), title.strip()) for code, status, title in found}


def ours() -> dict[str, set[tuple[int, str]]]:
    """Status and title of each code that the app can answer with."""
    known: dict[str, set[tuple[int, str]]] = defaultdict(set)
    errors: list[type[AppError]] = [AppError, *descendants(AppError)]
    for error in errors:
        known[error.code].add((int(error.status), error.title))
    for status, (code, title, _) in OF_HTTP.items():
        known[code].add((status, title))
    known[BUG].add((500, "Internal server error"))
    return known


def test_a_code_means_one_thing() -> None:
    assert {code: meanings for code, meanings in ours().items() if len(meanings) > 1} == {}


def test_a_code_is_given_by_one_class() -> None:
    givers = defaultdict(set)
    for error in descendants(AppError):
        if "code" in vars(error):
            givers[error.code].add(f"{error.__module__}.{error.__name__}")

    assert {code: names for code, names in givers.items() if len(names) > 1} == {}


def test_every_code_is_documented_with_its_status_and_title() -> None:
    assert documented() == {code: next(iter(meanings)) for code, meanings in ours().items()}
