"""Which runs are played."""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

from proof.crash.edges import Mode, Plan
from proof.crash.lane import Run
from proof.crash.options import Options
from proof.crash.wrapping import TEXT, WEBHOOK

QUICK = ("card", "cancelled", "expires")
"""The three that a quick run kills at every edge."""
QUICK_OTHERS, QUICK_SAMPLE = 9, 24
"""Of so many others it plays so many runs, both drawn by the seed."""
_KILLS = (Mode.KILL_BEFORE, Mode.KILL_AFTER)
Edges = Mapping[str, Sequence[str]]
T = TypeVar("T")


def scenarios_of(options: Options) -> list[str]:
    """The scenarios that are played, each of which has to be played once with nothing going wrong."""
    if not options.quick:
        return list(options.scenarios)
    others = [name for name in options.scenarios if name not in QUICK]
    played = {*QUICK, *_drawn(others, QUICK_OTHERS, options.seed)}
    return [name for name in options.scenarios if name in played]


def chosen(options: Options, edges: Edges) -> list[Run]:
    """The runs to play, given the edges of each scenario, one scenario after the other."""
    runs = [
        _run(scenario, names, number, mode)
        for scenario, names in edges.items()
        for number, name in enumerate(names, start=1)
        if options.edge in (None, number) and options.at in name
        for mode in options.modes
    ]
    if options.quick:
        whole = [run for run in runs if run.scenario in QUICK and run.plan and run.plan.mode in _KILLS]
        rest = [run for run in runs if run not in set(whole)]
        return whole + _drawn(rest, options.sample or QUICK_SAMPLE, options.seed)
    return runs if options.sample is None else _drawn(runs, options.sample, options.seed)


def _run(scenario: str, names: Sequence[str], number: int, mode: Mode) -> Run:
    # The mail server has the mail from the end of its content on; two edges later we have noted that.
    just_sent = any("SMTP content" in name for name in names[max(0, number - 3) : number])
    # A third party has the webhook when its call ends; the next edge notes that.
    just_sent |= any(WEBHOOK in name for name in names[max(0, number - 2) : number])
    # Whether a text was taken is unknown from the note that it is being sent to the one that it was.
    doubt = any(TEXT in name for name in names[max(0, number - 2) : number + 1])
    return Run(scenario, Plan(number, mode, names[number - 1]), may_double=just_sent, in_doubt=doubt)


def _drawn(everything: list[T], count: int, seed: int) -> list[T]:
    """So many of these, in their order."""
    places = random.Random(seed).sample(range(len(everything)), min(count, len(everything)))
    return [everything[place] for place in sorted(places)]
