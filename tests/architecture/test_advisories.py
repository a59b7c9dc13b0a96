import json
from typing import Any

import pytest

from deploy.advisories import KEPT, holes
from tests.architecture.source import ROOT


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(KEPT.read_text())
    return found


@pytest.mark.parametrize(
    ("pin", "found"),
    [
        ("flask==2.2.4", ["flask 2.2.4: PYSEC-2023-62"]),
        ("Flask==2.2.5", []),
        ("flask==2.3.1 ; python_version > '3'", ["flask 2.3.1: PYSEC-2023-62"]),
        ("flask==2.3.2 \\", []),
        ("unheard-of==1.0", []),
    ],
)
def test_a_pin_is_matched_with_what_is_known_of_its_version(
    kept: dict[str, Any], pin: str, found: list[str]
) -> None:
    assert holes(pin, kept["advisories"]) == found


def test_nothing_that_is_pinned_had_a_known_hole_on_the_day_of_the_advisories(kept: dict[str, Any]) -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert holes(lock, kept["advisories"]) == []


def test_every_pin_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = [entry for entry in lock.split("\n\n")[-1].splitlines() if "==" in entry]

    assert len(pins) > 100
    assert [pin for pin in pins if not pin.endswith("\\")] == []
