"""The whole command: choose, map, try, tell."""

import json
import random
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from proof.mutants import keeping
from proof.mutants.core import JUDGES, NAMED, core_files
from proof.mutants.generating import mutants_of
from proof.mutants.handmade import HANDMADE
from proof.mutants.options import Options
from proof.mutants.report import table
from proof.mutants.words import Mutant
from sandbox.code import CODE

PYTEST = ("-m", "pytest", "-p", "proof.mutants.lane", "-p", "no:randomly", "-p", "no:cacheprovider", "--plan")


def run(options: Options) -> bool:
    """Try what was asked for and print what came of it; whether that is good enough."""
    mutants = chosen(options)
    _map(options.jobs)
    known = keeping.passages()
    done = keeping.verdicts(mutants)
    left = [each for each in mutants if each.key not in done]
    print(f"{len(mutants)} mutants, {len(left)} of them to try, {len(known)} tests to notice", flush=True)
    if left:
        told = [asdict(each) | {"source": keeping.source(each)} for each in left]
        plan = {"passages": known, "judges": keeping.judges(), "into": str(keeping.TRIED)}
        _lanes([plan | {"mutants": some} for some in _shared(told, options.jobs)])
    text, good = table(mutants, keeping.verdicts(mutants))
    print(text)
    return good


def chosen(options: Options) -> list[Mutant]:
    """The mutants that the options name: those made by hand, and all that the rules make or a sample."""
    generated = [each for file in core_files() for each in mutants_of(file) if options.only in each.key]
    if options.sample is not None:
        generated = random.Random(options.seed).sample(generated, min(options.sample, len(generated)))
    by_hand = [each for each in HANDMADE if options.only in each.key]
    return ([] if options.generated else by_hand) + ([] if options.by_hand else generated)


def _map(jobs: int) -> None:
    """Run the tests once without a mutant, as far as they or the core have changed since."""
    unknown = keeping.unmapped()
    if unknown:
        print(f"seeing where the tests of {len(unknown)} files come by", flush=True)
        plan = {"files": core_files(), "into": str(keeping.PASSED)}
        _lanes([plan | {"map": dict(some)} for some in _shared(list(unknown.items()), jobs)])


def _lanes(plans: list[dict[str, Any]]) -> None:
    """One pytest each, with servers of its own."""
    with TemporaryDirectory() as folder:
        started = []
        for number, plan in enumerate(plans):
            file = Path(folder) / f"{number}.json"
            file.write_text(json.dumps(plan))
            started.append(subprocess.Popen([sys.executable, *PYTEST, str(file), *JUDGES, *NAMED], cwd=CODE))
        try:
            ended = [each.wait() for each in started]
        finally:
            for each in started:
                each.send_signal(signal.SIGINT)  # pytest stops its servers then
                each.wait()
    if any(code not in (0, 5) for code in ended):
        sys.exit(f"mutants: a lane has failed: {ended}")


def _shared(everything: list[Any], jobs: int) -> list[list[Any]]:
    return [some for start in range(jobs) if (some := everything[start::jobs])]
