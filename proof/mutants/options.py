"""What the command is told."""

import argparse
import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which mutants to try: all, or a `sample` of the generated ones drawn by `seed`."""

    only: str
    by_hand: bool
    generated: bool
    sample: int | None
    seed: int
    jobs: int


def read_options(words: list[str] | None = None) -> Options:
    """The options of the command line; a wrong one ends the process with its usage."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.mutants",
        description="Break the transition core in every small way, and see that a test notices each.",
    )
    add = parser.add_argument
    add("--only", default="", metavar="TEXT", help="only mutants whose name has this in it")
    add("--by-hand", action="store_true", help="only those that were made by hand")
    add("--generated", action="store_true", help="only those that the rules make")
    add("--sample", type=int, metavar="N", help="so many of the generated ones only, drawn by the seed")
    add("--seed", type=int, default=1, help="of the sample (1)")
    add("--jobs", type=int, default=os.cpu_count() or 2, help="how many at a time (as many as processors)")
    return Options(**vars(parser.parse_args(words)))
