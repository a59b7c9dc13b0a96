"""The whole command: servers, lanes, runs, table."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from proof.crash.choosing import chosen, scenarios_of
from proof.crash.lane import Outcome, Run, open_lane, play
from proof.crash.options import Options
from proof.crash.report import edges_by_kind, table, violation
from proof.crash.servers import Shared, shared_servers
from proof.crash.stopping import unheard
from sandbox.progress import Progress

Opening = Callable[[Shared, Any], None]
EVERY = 50
"""So many runs are worth a line."""


def run(options: Options, *, opening: Opening = open_lane) -> bool:
    """Play, print what came of it, and answer whether all was well. `opening` prepares a lane's process."""
    progress, began = Progress(), time.monotonic()
    with _lanes(options.jobs, opening) as lanes:
        progress.say(f"{options.jobs} lanes are up: first each scenario with nothing going wrong")
        calm = list(_played(lanes, [Run(name) for name in scenarios_of(options)]))
        if _told([each for each in calm if each.violations]):
            return False
        edges = {each.run.scenario: each.edges for each in calm}
        runs = chosen(options, edges)
        progress.say(f"{sum(map(len, edges.values()))} edges ({edges_by_kind(edges)}): {len(runs)} runs")
        if not runs:
            progress.say("No run fits: there is no such edge")
            return False
        outcomes = list(_followed(_played(lanes, runs), len(runs), progress))
    print(f"\n{table(edges, outcomes)}\nin {time.monotonic() - began:.0f} s", flush=True)
    return not any(each.violations for each in outcomes)


@contextmanager
def _lanes(jobs: int, opening: Opening) -> Iterator[Executor]:
    """Processes that play runs; they start from nothing, because they fork."""
    clean = multiprocessing.get_context("spawn")
    with shared_servers() as shared:
        number = clean.Value("i")
        lanes = ProcessPoolExecutor(jobs, mp_context=clean, initializer=opening, initargs=(shared, number))
        try:
            yield lanes
        finally:
            lanes.shutdown(cancel_futures=True)


def _played(lanes: Executor, runs: Sequence[Run]) -> Iterator[Outcome]:
    """The outcomes as they come, in the order of their runs."""
    with unheard():  # now the lanes are started
        return lanes.map(play, runs)


def _followed(outcomes: Iterator[Outcome], count: int, progress: Progress) -> Iterator[Outcome]:
    """The same outcomes; what is wrong is told at once."""
    for number, outcome in enumerate(outcomes, start=1):
        if not _told([outcome] if outcome.violations else []) and number % EVERY == 0:
            progress.say(f"{number} of {count} runs, now {outcome.run.scenario}")
        yield outcome


def _told(wrong: Sequence[Outcome]) -> bool:
    for outcome in wrong:
        print(violation(outcome), flush=True)
        if len(wrong) == 1 and outcome.log:
            print("  " + "\n  ".join(outcome.log.splitlines()[-12:]), flush=True)
    return bool(wrong)
