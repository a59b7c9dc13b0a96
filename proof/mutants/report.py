"""What came of it, as tables."""

from collections.abc import Mapping, Sequence

from proof.mutants.equivalent import EQUIVALENT
from proof.mutants.words import Mutant, Verdict

ENOUGH = 0.9
"""The share of the generated mutants that must be killed."""
CAUGHT = ("killed", "timeout")
_BROKEN = ("NameError", "ImportError", "SyntaxError", "UnboundLocalError")

Verdicts = Mapping[str, Verdict]


def table(mutants: Sequence[Mutant], verdicts: Verdicts) -> tuple[str, bool]:
    """What became of each mutant made by hand and how many others were killed; whether that is enough."""
    by_hand = [each for each in mutants if each.number < 0]
    rest = [each for each in mutants if each.number >= 0 and each.key not in EQUIVALENT]
    lines, good = [], True
    if by_hand:
        missed = sum(1 for each in by_hand if not _is_caught(verdicts.get(each.key)))
        lines += [_by_hand(each, verdicts.get(each.key)) for each in by_hand]
        lines += ["", f"by hand: {len(by_hand) - missed} of {len(by_hand)} caught", ""]
        good = not missed
    if rest:
        text, score = _generated(rest, verdicts)
        lines += [*text, f"{len(mutants) - len(by_hand) - len(rest)} equivalent ones are not counted"]
        good = good and score >= ENOUGH
    return "\n".join(lines), good


def _is_caught(verdict: Verdict | None) -> bool:
    """Killed by what a test asserts, not by being no program."""
    return verdict is not None and verdict.outcome == "killed" and not verdict.why.startswith(_BROKEN)


def _by_hand(mutant: Mutant, verdict: Verdict | None) -> str:
    if verdict is None:
        return f"not tried  {mutant.key}"
    word = "caught" if _is_caught(verdict) else verdict.outcome.upper()
    told = verdict.by.rpartition("::")[2] or verdict.why
    return f"{word:10} {mutant.key:60} {told[:70]}"


def _generated(mutants: Sequence[Mutant], verdicts: Verdicts) -> tuple[list[str], float]:
    lines = [f"{'file':44} {'mutants':>7} {'killed':>7} {'timeout':>8} {'left':>5} {'score':>6}"]
    for file in sorted({each.file for each in mutants}):
        lines.append(_line(file, [each for each in mutants if each.file == file], verdicts))
    lines.append(_line("all", mutants, verdicts))
    left = [each for each in mutants if not _killed(verdicts.get(each.key))]
    lines += ["", *(_survivor(each, verdicts.get(each.key)) for each in left)]
    return lines, 1 - len(left) / len(mutants)


def _line(name: str, mutants: Sequence[Mutant], verdicts: Verdicts) -> str:
    outcomes = [found.outcome if (found := verdicts.get(each.key)) else "" for each in mutants]
    killed, late = outcomes.count("killed"), outcomes.count("timeout")
    score = (killed + late) / len(mutants)
    return f"{name:44} {len(mutants):7} {killed:7} {late:8} {len(mutants) - killed - late:5} {score:6.1%}"


def _killed(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome in CAUGHT


def _survivor(mutant: Mutant, verdict: Verdict | None) -> str:
    where, _, what = mutant.key.partition(": ")
    before, _, after = what.partition(" => ")
    found = f"{verdict.outcome}, {verdict.tests} tests {verdict.why}" if verdict else "not tried"
    return f"{where}, line {mutant.lines[0]} ({found})\n  - {before}\n  + {after}"
