import re
from collections import UserDict
from pathlib import Path

from config import load
from tests.platform.test_config import DEVELOPMENT

PAGE = Path(__file__).parents[2] / "docs/settings.md"
ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)


class Watched(UserDict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, values: dict[str, str]) -> None:
        self.asked: set[str] = set()
        super().__init__(values)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def test_the_page_has_a_row_for_each_setting_and_for_nothing_else() -> None:
    environment = Watched(DEVELOPMENT)

    load(environment)

    told = {name for row in ROW.findall(PAGE.read_text()) for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    assert told == environment.asked
