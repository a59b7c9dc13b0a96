"""What came of it, as a table."""

from collections import Counter
from collections.abc import Mapping, Sequence

from proof.crash.edges import Mode
from proof.crash.lane import Outcome
from proof.crash.scenarios import SCENARIOS

_HEADER = f"{'scenario':22} {'edges':>5} {'runs':>6} {'violations':>10} {'doubled':>13} {'slowest':>8}"


def table(edges: Mapping[str, Sequence[str]], outcomes: Sequence[Outcome]) -> str:
    """One line per scenario, one per way to fail, and the sum."""
    lines = [_HEADER, *(_scenario(name, len(found), outcomes) for name, found in edges.items())]
    lines += [
        "",
        f"{'at the edge':28} {'runs':>6} {'violations':>10}",
        *(_mode(mode, outcomes) for mode in Mode),
    ]
    wrong = sum(1 for each in outcomes if each.violations)
    doubled = sum(each.doubled for each in outcomes)
    count = sum(map(len, edges.values()))
    lines += ["", f"{count} edges in {len(edges)} scenarios, {len(outcomes)} runs: {wrong} violations"]
    lines += [
        f"{doubled} mails or webhooks came twice, where their taker's answer or its note was lost: no more"
    ]
    return "\n".join(lines)


def violation(outcome: Outcome) -> str:
    """What was wrong, where, and how to see it again."""
    run = outcome.run
    words = f"--scenario {run.scenario}"
    where = "though nothing went wrong"
    if run.plan:
        words += f" --edge {run.plan.edge} --mode {run.plan.mode}"
        where = f"{run.plan.mode} at edge {run.plan.edge}, {run.plan.name}"
    told = "\n  ".join([f"{run.scenario}: {where}", *outcome.violations, f"again: make crash ARGS='{words}'"])
    return f"VIOLATION {told}"


def edges_by_kind(edges: Mapping[str, Sequence[str]]) -> str:
    """How many edges there are of each kind."""
    kinds = Counter(_kind(name) for names in edges.values() for name in names)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _kind(name: str) -> str:
    what = name.rpartition(": ")[2]
    known = {
        "commit": "commits",
        "SMTP": "SMTP commands",
        "ring": "doorbells",
        "call": "webhooks",
        "text": "texts",
    }
    return known.get(what.split()[0], "calls to Stripe")


def _scenario(name: str, edges: int, outcomes: Sequence[Outcome]) -> str:
    mine = [each for each in outcomes if each.run.scenario == name]
    wrong = sum(1 for each in mine if each.violations)
    doubled = sum(each.doubled for each in mine)
    slowest = max((each.seconds for each in mine), default=0.0)
    line = f"{name:22} {edges:5} {len(mine):6} {wrong:10} {doubled:13} {slowest:6.1f} s"
    return f"{line}  {SCENARIOS[name].title}"


def _mode(mode: Mode, outcomes: Sequence[Outcome]) -> str:
    mine = [each for each in outcomes if each.run.plan and each.run.plan.mode is mode]
    return f"{mode:28} {len(mine):6} {sum(1 for each in mine if each.violations):10}"
