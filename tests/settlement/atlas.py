"""Where the events of a story lead from every state of our books: few places, and all ways between them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.platform.db import transaction
from tests.gateway import workers_ask
from tests.provider import Json, Provider
from tests.reports import report
from tests.sales import Sale, State, state
from tests.settlement.endings import SETTLING, finish
from tests.steps import Step

BOOKS = (
    *(
        f"SELECT * FROM {table}"  # noqa: S608  # the tests' own words
        for table in (
            "orders",
            "payments",
            "refunds",
            "disputes",
            "reservations",
            "stock_levels",
            "payment_reviews",
        )
    ),
    "SELECT consumer, state FROM deliveries WHERE state <> 'done' AND consumer = ANY(:settling)",
)
COMES_TRUE = -1
"""What leads on besides the events, by their numbers: the next step comes true at the provider."""
Place = tuple[int, tuple[str, ...]]
"""How many steps have come true, and what our books and the provider's say then."""


@dataclass
class Atlas:
    """A story's places, found by telling each event in each of them. `leads` is by place and event: the next
    place, and whether the event was heard there or has to be told again. `ends` is what becomes of a place
    where everything has come true, when the work is done.
    """

    undone: Connection
    sale: Sale
    steps: Sequence[Step]
    leads: dict[tuple[Place, int], tuple[Place, bool]] = field(default_factory=dict)
    ends: dict[Place, State] = field(default_factory=dict)
    known: set[Place] = field(default_factory=set)

    @property
    def events(self) -> list[tuple[int, str, Json]]:
        """The number of the step that each is of, topic, object."""
        return [(number, *event) for number, step in enumerate(self.steps) for event in step.events]

    def explore(self, provider: Provider, reached: int) -> Place:
        """See where every event leads from here, and from there; the answer is what this place is."""
        here = (reached, _books(provider))
        if here in self.known:
            return here
        self.known.add(here)
        if reached == len(self.steps):
            with self._try(provider) as twin:
                finish(twin, [])
                self.ends[here] = state(self.sale)
        else:
            with self._try(provider) as twin:
                twin.keep(self.steps[reached].thing)
                self.leads[here, COMES_TRUE] = self.explore(twin, reached + 1), True
        for number, (step, topic, told) in enumerate(self.events):
            if step < reached:
                with self._try(provider) as twin:
                    heard = report(twin, told, topic) != "later"
                    self.leads[here, number] = self.explore(twin, reached), heard
        return here

    def arrivals(self, begin: Place) -> set[Place]:
        """Where one can be when all has come true and every event was heard, in any order and number."""
        every = frozenset(range(len(self.events)))
        todo, seen = [(begin, frozenset[int]())], set()
        while todo:
            here, heard = todo.pop()
            if (here, heard) not in seen:
                seen.add((here, heard))
                todo += [(there, heard | now) for there, now in self._ways(here)]
        return {here for here, heard in seen if heard == every and here in self.ends}

    def _ways(self, here: Place) -> Iterator[tuple[Place, frozenset[int]]]:
        """The next places, each with what was heard on the way."""
        for number in (COMES_TRUE, *range(len(self.events))):
            if (here, number) in self.leads:
                there, is_heard = self.leads[here, number]
                yield there, frozenset({number} if is_heard and number != COMES_TRUE else ())

    @contextmanager
    def _try(self, provider: Provider) -> Iterator[Provider]:
        """Something that is undone afterwards, here and at the provider."""
        twin, chapter = provider.copy(), self.undone.begin_nested()
        with workers_ask(twin):
            yield twin
        chapter.rollback()


def _books(provider: Provider) -> tuple[str, ...]:
    """All that can decide what happens next; without ids and moments that are new each time."""
    with transaction() as session:
        ours = [
            f"{number} {sorted((name, _plain(name, value)) for name, value in row.items())}"
            for number, query in enumerate(BOOKS)
            for row in session.execute(text(query), {"settling": list(SETTLING)}).mappings()
        ]
    theirs = (provider.payments, provider.refunds, provider.disputes)
    return tuple(sorted([*ours, *map(str, theirs)]))


def _plain(name: str, value: Any) -> str:
    if name == "idempotency_key" or isinstance(value, UUID):
        return "an id"
    if isinstance(value, datetime) and name != "hold_until":
        return "a moment"
    return str(value)
