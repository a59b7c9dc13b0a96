"""What the shop wants of itself, as data, and what a run has reached of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Any]
"""The summaries of a run's scenarios, by their names."""


@dataclass(frozen=True, slots=True)
class Target:
    """One figure that must not be above `limit`, or not below it; it takes all of the scenarios `of`."""

    title: str
    of: tuple[str, ...]
    reached: Callable[[Figures], float]
    limit: float
    unit: str
    at_least: bool = False

    def is_met(self, reached: float) -> bool:
        """Whether this figure will do."""
        return reached >= self.limit if self.at_least else reached <= self.limit


def rows(figures: Figures) -> Iterator[str]:
    """A line of a table for each target whose scenarios were measured, under a headline."""
    yield "| target | limit | reached | met |"
    yield "|---|--:|--:|---|"
    for target in TARGETS:
        if set(target.of) <= figures.keys():
            reached = target.reached(figures)
            limit = f"{'at least ' if target.at_least else ''}{target.limit:,g}{target.unit}"
            met = "yes" if target.is_met(reached) else "**no**"
            yield f"| {target.title} | {limit} | {_short(reached)}{target.unit} | {met} |"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.1f}"


def _hellos(scenario: str, limit: float, sql: float | None = None) -> Iterator[Target]:
    yield Target(scenario, (scenario,), lambda all_of: all_of[scenario]["factor"], limit, " hellos")
    if sql is not None:
        yield Target(f"{scenario}, SQL", (scenario,), lambda all_of: all_of[scenario]["statements"], sql, "")


def _times(title: str, scenario: str, other: str, limit: float) -> Target:
    """By CPU, which both met on the same machine."""
    costs: Callable[[Figures], float] = lambda of: of[scenario]["cpu_ms"] / of[other]["cpu_ms"]  # noqa: E731
    return Target(title, (scenario, other), costs, limit, " x")


def _fact(
    title: str, scenario: str, fact: str, limit: float, unit: str = "", *, at_least: bool = False
) -> Target:
    return Target(title, (scenario,), lambda of: of[scenario]["facts"][fact], limit, unit, at_least=at_least)


def _ended(scenario: str, at: int, fact: str) -> Callable[[Figures], float]:
    """A fact of one of the rounds of an expiry, which is named by its size."""

    def reached(figures: Figures) -> float:
        facts = figures[scenario]["rounds"][at]["facts"]
        return float(next(value for name, value in facts.items() if fact in name))

    return reached


_RATE, _SMALLER = _ended("expiry", -1, "holds per s"), _ended("expiry", -2, "holds per s")
TARGETS = (
    *_hellos("list-cached", 1.3, 0),
    *_hellos("detail-cached", 1.3, 0),
    *_hellos("list", 6, 2),
    _times("200th page of the list, of its first", "deep", "list", 1.3),
    *_hellos("detail", 5, 3),
    *_hellos("search", 20, 3),
    *_hellos("broad", 30, 3),
    _times("50th page of the broad search, of its first", "broad-deep", "broad", 1.5),
    *_hellos("add", 9, 6),
    *_hellos("checkout", 15, 16),
    *_hellos("flow", 36, 30),
    *_hellos("whole", 150),
    *_hellos("webhook", 4, 2),
    _fact("hot product, of pgbench", "hot", "share of pgbench", 0.6, " x", at_least=True),
    _times("delivery of nothing, of a bare message", "noop", "nothing", 2.5),
    _times("delivery of nothing, of a backlog", "noop-backlog", "nothing-backlog", 0.5),
    Target("holds that end, per second", ("expiry",), _RATE, 1000, "", at_least=True),
    Target(
        "of the rate at a tenth of the holds",
        ("expiry",),
        lambda of: _RATE(of) / _SMALLER(of),
        0.8,
        " x",
        at_least=True,
    ),
    Target("p99 of reads beside it, of calm", ("expiry",), _ended("expiry", -1, "over calm"), 3, " x"),
    *(
        _fact(f"p99 of p50, {each} at 70 %", f"open-{each}", "p99 over p50", 8, " x")
        for each in ("list", "detail", "add", "checkout")
    ),
    _fact("memory of API and Celery", "memory", "together MB", 350, " MB"),
)
