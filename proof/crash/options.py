"""What the command is told."""

import argparse
import os
from dataclasses import dataclass

from proof.crash.edges import Mode
from proof.crash.scenarios import SCENARIOS


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which runs to play: all that fit, or a `sample` of them drawn by `seed`."""

    scenarios: tuple[str, ...]
    modes: tuple[Mode, ...]
    edge: int | None
    at: str
    sample: int | None
    seed: int
    quick: bool
    jobs: int


def read_options(words: list[str] | None = None) -> Options:
    """The options of the command line; a wrong one ends the process with its usage."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.crash",
        description="Let the shop fail at each of its edges, in each way, and see that it ends well.",
    )
    add = parser.add_argument
    add("--scenario", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), metavar="NAME", help=_names())
    add("--mode", nargs="+", type=Mode, choices=list(Mode), default=list(Mode), metavar="MODE", help=_modes())
    add("--edge", type=int, help="this one only")
    add("--at", default="", metavar="TEXT", help="only edges whose name has this in it")
    add("--sample", type=int, metavar="N", help="so many runs only, drawn by the seed")
    add("--seed", type=int, default=1, help="of the sample (1)")
    add("--quick", action="store_true", help="kill at every edge of three, and a sample of nine others")
    add("--jobs", type=int, default=os.cpu_count() or 2, help="how many at a time (as many as processors)")
    given = vars(parser.parse_args(words))
    scenarios, modes = tuple(given.pop("scenario")), tuple(given.pop("mode"))
    return Options(scenarios=scenarios, modes=modes, **given)


def _names() -> str:
    return ", ".join(SCENARIOS)


def _modes() -> str:
    return ", ".join(Mode)
