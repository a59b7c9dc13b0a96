"""The figures, for people and for programs."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from bench.options import Options
from bench.rounds import Result, Round

_VERSION = 1
_COLUMNS = (
    ("scenario", 30),
    ("hellos", 7),
    ("(spread)", 14),
    ("CPU ms", 8),
    ("per s", 8),
    ("p50 ms", 8),
    ("p99 ms", 8),
    ("SQL", 6),
    ("trips", 6),
)


def header() -> str:
    """The first line of the table."""
    return "  ".join(
        f"{name:<{width}}" if not at else f"{name:>{width}}" for at, (name, width) in enumerate(_COLUMNS)
    )


def line(result: Result) -> str:
    """The scenario's line of the table."""
    facts = summary(result)
    low, high = facts["factor_range"]
    cells = [
        f"{facts['factor']:.1f}",
        f"({low:.1f}-{high:.1f})",
        f"{facts['cpu_ms']:.2f}",
        f"{facts['rate']:.0f}",
        "-" if facts["p50_ms"] is None else f"{facts['p50_ms']:.1f}",
        "-" if facts["p99_ms"] is None else f"{facts['p99_ms']:.1f}",
        f"{facts['statements']:.1f}",
        f"{facts['round_trips']:.1f}",
    ]
    padded = [f"{cell:>{width}}" for cell, (_, width) in zip(cells, _COLUMNS[1:], strict=True)]
    return "  ".join([f"{result.title:<{_COLUMNS[0][1]}}", *padded])


def parts(result: Result) -> str:
    """Where the CPU of one operation was spent."""
    by_part = summary(result)["cpu_ms_by_part"]
    spent = ", ".join(f"{name} {cost:.2f}" for name, cost in by_part.items() if cost >= 0.005)
    facts = "".join(f"; {name} {value:.4g}" for name, value in summary(result)["facts"].items())
    return f"    of these ms: {spent}; one hello {result.hello_ms:.3f} ms{facts}"


def summary(result: Result) -> dict[str, Any]:
    """All figures of a scenario. Counts and CPU are per operation; the rounds follow one by one."""
    operations = sum(each.operations for each in result.rounds)
    latencies = [value for each in result.rounds for value in each.milliseconds]
    return {
        "title": result.title,
        "factor": round(median(result.factors), 3),
        "factor_range": [round(min(result.factors), 3), round(max(result.factors), 3)],
        "cpu_ms": round(result.cpu_ms, 4),
        "cpu_ms_by_part": _by_part(result.rounds),
        "hello_ms": round(result.hello_ms, 4),
        "rate": round(operations / sum(each.seconds for each in result.rounds), 2),
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
        "statements": round(sum(each.statements for each in result.rounds) / operations, 2),
        "round_trips": round(sum(each.round_trips for each in result.rounds) / operations, 2),
        "facts": _facts(result.rounds),
        "operations": operations,
        "errors": 0,  # one would have ended the run
        "rounds": [_round(each) for each in result.rounds],
        "hellos": [_round(each) for each in result.hellos],
    }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The value that so many percent of them do not exceed; None without enough values to say."""
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 3) if len(values) > 1 else None


def document(
    options: Options, load_before: float, results: dict[str, Result], more: dict[str, Any]
) -> dict[str, Any]:
    """Everything that a program may want to compare."""
    return {
        "version": _VERSION,
        **circumstances(load_before),
        "options": {name: value for name, value in asdict(options).items() if name not in ("out", "settings")}
        | {"settings": sorted(options.settings)},
        "scenarios": {name: summary(result) for name, result in results.items()},
        **more,
    }


def circumstances(load_before: float) -> dict[str, Any]:
    """When and on what it was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "load_before": round(load_before, 2),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }


def _by_part(rounds: Sequence[Round]) -> dict[str, float]:
    operations = sum(each.operations for each in rounds)
    return {part: round(sum(each.cpu[part] for each in rounds) / operations, 4) for part in rounds[0].cpu}


def _facts(rounds: Sequence[Round]) -> dict[str, float]:
    """The median of each, over the rounds that tell it."""
    names = dict.fromkeys(name for each in rounds for name in each.facts)
    told = {name: [each.facts[name] for each in rounds if name in each.facts] for name in names}
    return {name: round(median(values), 3) for name, values in told.items()}


def _round(each: Round) -> dict[str, Any]:
    return {
        "operations": each.operations,
        "seconds": round(each.seconds, 4),
        "cpu_ms": round(each.cpu_ms, 4),
        "p50_ms": percentile(each.milliseconds, 50),
        "p99_ms": percentile(each.milliseconds, 99),
        "facts": {name: round(value, 3) for name, value in each.facts.items()},
    }
