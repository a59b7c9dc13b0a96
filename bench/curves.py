"""Plots of what paths cost in catalogs of several sizes, and under several loads."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from bench import report
from bench.bench import Bench
from bench.command import ends_with_one_line
from bench.options import Options, positive, read_options
from bench.rounds import interleaved
from bench.run import stack
from bench.scenarios import SCENARIOS
from bench.svg import Plot, Points
from sandbox.progress import Progress

_BY_SIZE = ("list", "deep", "detail", "search", "broad", "broad-deep", "shelf")
_BY_LOAD = ("list-cached", "list", "detail", "search", "add", "checkout")
_KEPT = ("factor", "factor_range", "cpu_ms", "hello_ms", "rate", "p50_ms", "p99_ms", "statements")
Curves = dict[str, Any]
"""`size` and `load`: by product count or connections, of each scenario some of its figures."""


def main() -> None:
    """Measure, keep the figures as JSON beside those of other sizes, and draw them all."""
    given = _parser().parse_args()
    known = given.folder / "figures.json"
    curves: Curves = orjson.loads(known.read_bytes()) if known.exists() else {"size": {}, "load": {}}
    if not given.draw:
        with ends_with_one_line():
            _measure(curves, given, known)
    for name, plot in _plots(curves).items():
        (given.folder / f"{name}.svg").write_text(plot.svg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.curves", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=positive, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    add("--connections", type=positive, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    add("--loaded", type=positive, default=10_000, help="the size at which connections are varied (10000)")
    add("--rounds", type=positive, default=3)
    add("--seconds", type=float, default=2.0)
    add("--folder", type=Path, default=Path("docs/plots"), help="of the plots and figures.json (docs/plots)")
    add("--draw", action="store_true", help="only draw anew what figures.json has")
    return parser


def _measure(curves: Curves, given: argparse.Namespace, known: Path) -> None:
    words = ["--rounds", str(given.rounds), "--seconds", str(given.seconds)]
    given.folder.mkdir(parents=True, exist_ok=True)
    for size in given.sizes:
        options = read_options([*words, "--products", str(size)])
        load_before = os.getloadavg()[0]
        with stack(options, Progress()) as bench:
            curves["size"][str(size)] = _measured(bench, _BY_SIZE)
            if size == given.loaded:
                curves["load"] = {str(count): _loaded(bench, options, count) for count in given.connections}
        curves |= {
            "loaded": given.loaded,
            "rounds": given.rounds,
            "seconds": given.seconds,
            **report.circumstances(load_before),
        }
        known.write_bytes(orjson.dumps(curves, option=orjson.OPT_INDENT_2))


def _loaded(bench: Bench, options: Options, connections: int) -> Curves:
    return _measured(replace(bench, options=replace(options, connections=connections)), _BY_LOAD)


def _measured(bench: Bench, names: tuple[str, ...]) -> Curves:
    found = {}
    for name in names:
        scenario = SCENARIOS[name]
        result = interleaved(bench, scenario.title, scenario.measure(bench), bench.options.rounds)
        print(report.line(result), flush=True)
        found[name] = {key: value for key, value in report.summary(result).items() if key in _KEPT}
    return found


def _plots(curves: Curves) -> dict[str, Plot]:
    loaded = f"connections that never rest, {curves.get('loaded', 0):,} products"
    kinds = {
        "cost-by-size": ("size", "products", "factor", "What a request costs, in Flask hellos"),
        "waiting-by-size": ("size", "products", "p99_ms", "p99 of 16 connections that never rest, in ms"),
        "cost-by-load": ("load", loaded, "factor", "What a request costs, in Flask hellos"),
        "rate-by-load": ("load", loaded, "rate", "Requests per second"),
        "waiting-by-load": ("load", loaded, "p99_ms", "p99, in ms"),
    }
    return {
        name: Plot(title=title, across=across, lines=_lines(curves[by], figure))
        for name, (by, across, figure, title) in kinds.items()
        if curves[by]
    }


def _lines(by: Curves, figure: str) -> Mapping[str, Points]:
    """A line for each scenario; without the points that a short run says nothing of."""
    points: dict[str, list[tuple[float, float]]] = {}
    for at, found in sorted(by.items(), key=lambda each: int(each[0])):
        for name, figures in found.items():
            if figures[figure] is not None:
                points.setdefault(SCENARIOS[name].title, []).append((float(at), figures[figure]))
    return points


if __name__ == "__main__":
    main()
