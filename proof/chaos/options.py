import argparse
from dataclasses import dataclass
from pathlib import Path

from proof.chaos.nemesis import NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much to buy under which faults. `duration` is the chaos in seconds; None: until all is placed.

    `calm` orders are placed before any fault, to know what calm is.
    """

    orders: int
    seed: int
    duration: float | None
    faults: frozenset[str]
    clients: int
    out: Path
    stay: bool

    @property
    def calm(self) -> int:
        """A tenth, but enough to measure and not more than that needs."""
        return min(max(self.orders // 10, 30), 300)


def read_options(words: list[str] | None = None) -> Options:
    """The options of the command line; a wrong one ends the process with its usage."""
    parser = argparse.ArgumentParser(
        prog="python -m proof.chaos",
        description="Buy and buy while everything breaks; then count what is wrong.",
        epilog=f"Faults: {', '.join(NAMES)}",
    )
    add = parser.add_argument
    add("--orders", type=_positive, default=1000, help="to be placed (1000)")
    add("--seed", type=int, default=1, help="of everything that is chosen by chance (1)")
    add("--duration", type=float, help="of the chaos in seconds, instead of as long as the orders take")
    add("--faults", type=_faults, default=frozenset(NAMES), help="all (default), none, or names with commas")
    add("--clients", type=_positive, default=16, help="buying at the same time (16)")
    add("--out", type=Path, default=Path("var/chaos"), help="report.json and report.txt go there (var/chaos)")
    add("--stay", action="store_true", help="leave the stack up after the verdict, until Ctrl-C")
    return Options(**vars(parser.parse_args(words)))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def _faults(text: str) -> frozenset[str]:
    """Names, where a trailing * takes all that begin so."""
    if text in ("all", "none"):
        return frozenset(NAMES if text == "all" else ())
    found = set()
    for word in text.split(","):
        fitting = {
            name for name in NAMES if name == word or (word.endswith("*") and name.startswith(word[:-1]))
        }
        if not fitting:
            raise argparse.ArgumentTypeError(f"there is no fault {word!r}; there are {', '.join(NAMES)}")
        found |= fitting
    return frozenset(found)
