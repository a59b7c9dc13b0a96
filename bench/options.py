import argparse
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    *("list", "list-cached", "detail-cached", "deep", "search", "broad", "broad-deep", "shelf", "detail"),
    *("add", "checkout", "flow", "webhook", "hot", "hot-checkout"),
    *("open-list", "open-detail", "open-add", "open-checkout"),
    *("backlog", "order", "whole", "nothing", "nothing-backlog", "noop", "noop-backlog", "expiry", "memory"),
)
"""The scenarios, in the order in which they are measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure, and how long. Durations are seconds; `settings` are the shop's, for this run."""

    products: int
    rounds: int
    seconds: float
    warm_up: float
    connections: int
    orders: int
    holds: int
    only: tuple[str, ...]
    profile: bool
    settings: dict[str, str]
    out: Path


def read_options(words: list[str] | None = None) -> Options:
    """The options of the command line; a wrong one ends the process with its usage."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="What each path of the shop costs, in CPU milliseconds and in Flask hellos.",
    )
    add = parser.add_argument
    add("--products", type=positive, default=20_000, help="in the catalog, two variants each (20000)")
    add("--rounds", type=positive, default=3, help="per scenario, each between two rounds of hello (3)")
    add("--seconds", type=float, default=3.0, help="of a round (3)")
    add("--warm-up", type=float, default=1.0, help="seconds before the first round of a scenario (1)")
    add("--connections", type=positive, default=16, help="kept open by the clients (16)")
    add("--orders", type=positive, default=150, help="of a round of the scenarios of deliveries (150)")
    add("--holds", type=positive, default=100_000, help="that end at once in the scenario expiry (100000)")
    add("--only", nargs="+", choices=NAMES, default=NAMES, metavar="SCENARIO", help=", ".join(NAMES))
    add("--profile", action="store_true", help="afterwards, where each scenario's time goes")
    add(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the shop",
    )
    add("--out", type=Path, default=Path("var/bench.json"), help="the figures as JSON (var/bench.json)")
    given = vars(parser.parse_args(words))
    return Options(**given | {"settings": dict(given.pop("set")), "only": tuple(given["only"])})


def positive(text: str) -> int:
    """A whole number above 0, for a parser."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} has no '='")
    return name, value
