"""Counts which lines of the shop the tests ran: with `-p tests.covered` a run fails when those are too few.

coverage.py is called for each line that runs, every time: a quarter of what the tests of orders and payments
computed. slipcover takes its marks out of what has run (Altmayer Pizzorno and Berger, "SlipCover: Near
Zero-Overhead Code Coverage for Python", ISSTA 2023). Its own plugin for pytest is left out: it rewrites
tests, and nobody counts those here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover

PACKAGES = ["app", "tasks"]
FLOOR = 95.0
"""Percent of their lines."""


@dataclass(slots=True)
class Lines:
    """What can run of each file, and what did."""

    all: dict[str, set[int]] = field(default_factory=dict)
    ran: dict[str, set[int]] = field(default_factory=dict)

    def add(self, files: Mapping[str, Mapping[str, Iterable[int]]]) -> None:
        """What one process counted, as slipcover tells it."""
        for name, lines in files.items():
            ran = self.ran.setdefault(name, set())
            ran.update(lines["executed_lines"])
            self.all.setdefault(name, set()).update(ran, lines["missing_lines"])

    @property
    def percent(self) -> float:
        """Of all lines, those that ran."""
        return 100 * sum(map(len, self.ran.values())) / max(sum(map(len, self.all.values())), 1)


_counter = Slipcover(source=PACKAGES)
ImportManager(_counter, FileMatcher(sources=PACKAGES)).__enter__()  # before anything of ours is imported
_lines = Lines()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Runs in the controller of xdist, after each of its workers. One that died has counted nothing."""
    _lines.add(getattr(node, "workeroutput", {}).get("lines", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In each process that ran tests."""
    counted = _counter.get_coverage()["files"]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["lines"] = counted
        return
    _lines.add(counted)
    if session.exitstatus == pytest.ExitCode.OK and _lines.percent < FLOOR:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last line but one."""
    terminalreporter.write_line(f"{_lines.percent:.2f} % of the lines ran; {FLOOR:.0f} % must.")
