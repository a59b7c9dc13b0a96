"""Asking the database whether all is as it must be."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.events.subscriptions import SUBSCRIPTIONS
from app.ops.models import InvariantCheck
from app.ops.queries.backlog import limit_time
from app.ops.services.invariants import INVARIANTS, Invariant
from app.orders.states import MOVES, PENDING
from app.platform.db import transaction
from app.platform.money import STEPS
from app.webhooks.services import kinds

STATEMENT_MILLISECONDS = 120_000
PATIENCE = timedelta(hours=1)
"""How long work that is due may wait before it counts as forgotten, in a shop that is open."""
LONGEST_HOLD = timedelta(hours=24)
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """How many things break an invariant, and the names of some of them, sorted."""

    invariant: Invariant
    count: int
    examples: tuple[str, ...]


@contextmanager
def snapshot() -> Iterator[Session]:
    """A transaction that only reads, and sees the database as it is at its beginning."""
    with transaction() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        limit_time(session, milliseconds=STATEMENT_MILLISECONDS)
        yield session


def examine(
    session: Session, *, at_rest: bool = False, longest_hold: timedelta = LONGEST_HOLD
) -> list[Finding]:
    """What breaks each invariant, one finding for every invariant; in `snapshot()` all see the same moment.

    A shop that is open has work under way, which is no violation; `at_rest` says that there must be none.
    The cost grows with the rows, not with their square.
    """
    facts = _facts() | {"at_rest": at_rest, "patience": PATIENCE, "longest": longest_hold}
    return [find(session, each, facts) for each in INVARIANTS]


def record(session: Session, findings: Sequence[Finding]) -> None:
    """Keep how often each invariant was broken, in the place of what was found before."""
    session.execute(delete(InvariantCheck))
    session.add_all(InvariantCheck(invariant=each.invariant.id, violations=each.count) for each in findings)


def broken(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that tell of a violation."""
    return [each for each in findings if each.count]


def find(session: Session, invariant: Invariant, facts: Mapping[str, Any]) -> Finding:
    """What breaks one invariant; `facts` are the values that its query uses."""
    names = f"SELECT DISTINCT broken.name::text FROM ({invariant.broken}) AS broken (name)"  # noqa: S608  # our own words
    counted = f"SELECT count(*), (array_agg(name ORDER BY name))[1:{EXAMPLES}] FROM ({names}) AS found"  # noqa: S608  # the same
    count, examples = session.execute(text(counted), facts).one()
    return Finding(invariant, count, tuple(examples or ()))


def _facts() -> dict[str, str]:
    """The shop's own rules, for queries to compare with."""
    states = {f"orders.{state}": state for state in MOVES} | {"orders.placed": PENDING}
    legal = [("", PENDING), *((origin, target) for origin, targets in MOVES.items() for target in targets)]
    rules = [
        {
            "topic": topic,
            "consumer": each.consumer,
            "key": each.key,
            "wanted": dict([each.when] if each.when else []),
        }
        for topic, group in SUBSCRIPTIONS.items()
        for each in group
    ]
    heard = [{"topic": each.topic, "type": each.type} for each in kinds.BY_TYPE.values()]
    return {
        "heard": orjson.dumps([*heard, {"topic": kinds.NOTICED, "type": None}]).decode(),
        "states": orjson.dumps(states).decode(),
        "moves": orjson.dumps([{"origin": origin, "target": target} for origin, target in legal]).decode(),
        "steps": orjson.dumps([{"currency": name, "step": each} for name, each in STEPS.items()]).decode(),
        "subscriptions": orjson.dumps(rules).decode(),
    }
