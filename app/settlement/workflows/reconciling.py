"""Comparing our books with the provider's, in steps. What differs is settled by what settles its events.

A step ends when its time is over, and the next begins behind the last object that it looked at. Safe to
repeat from its start: what it has healed fits by then. What never answers holds up nothing else for good: an
object is stepped over, and what is left of a list is left out.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.payments.errors import BeyondOurKey, GatewayRefused, GatewayUnavailable
from app.payments.gateway.protocol import INTENT, MISSING, SESSION, WorkerGateway
from app.payments.services import asking
from app.payments.services.asking import Gaps, Unanswered
from app.platform.db import now, transaction
from app.platform.logging import get_logger
from app.settlement import states
from app.settlement.services import Holds, comparing, returning, runs
from app.settlement.services.comparing import Difference
from app.settlement.services.runs import Place
from app.settlement.workflows.healing import Healer

log = get_logger("app.settlement")

STEP_SECONDS = 20.0
PAGE = 100
ASKED_AT_ONCE = 10
MOST_SILENCES = 3
"""In a row: who answers now and then is asked on. What they were asked about in vain is asked about again."""
ON_ITS_WAY = timedelta(minutes=1)
"""How old an event must be before it counts as undelivered, and not as about to arrive."""
T = TypeVar("T")


@dataclass(slots=True)
class Walk:
    """One step of a run, from a place on."""

    healer: Healer
    gaps: Gaps
    at: Place
    interrupted_by: str | None = None
    silences: int = 0
    unanswered: list[Difference[Any]] = field(default_factory=list)

    def go(self, *, seconds: float) -> None:
        """Look at one object after the other until the time is over; a silent provider interrupts it."""
        ends_at = time.monotonic() + seconds
        try:
            while self.at.stage is not None and not self._is_over(self.at.stage, ends_at):
                pass
        except GatewayUnavailable as error:
            self.interrupted_by = str(error)
        else:
            self._ask_again()

    def _is_over(self, stage: str, ends_at: float) -> bool:
        """Look through what is left of one list; True when the time is over before its end."""
        try:
            for cursor in _LOOK_THROUGH[stage](self):
                self.at = self.at.beyond(cursor, compared=1)
                if time.monotonic() >= ends_at:
                    return True
            self.at = self.at.beyond(None, compared=0)
        except GatewayUnavailable as silence:
            if not self._is_unreadable(stage, silence):
                raise
            self._leave_out(stage, silence)
        except GatewayRefused as refusal:
            if refusal.code == MISSING and self.at.cursor is not None:
                # Stripe forgets events after 30 days, the one that we were at among them.
                self.at = replace(self.at, cursor=None)
            else:
                self._leave_out(stage, refusal)
        return False

    def _is_unreadable(self, stage: str, silence: GatewayUnavailable) -> bool:
        """Whether to give up this list: it was silent when the run came here last, or is not for our key."""
        return stage in states.BOOKS and (self.at.is_second_try or isinstance(silence, BeyondOurKey))

    def _leave_out(self, stage: str, error: Exception) -> None:
        """Go on behind what is left of a list; that is noted, and a later run asks for the list again."""
        log.error("reconciliation_list_left_out", stage=stage, reason=str(error))
        self.healer.note_unread(stage, error)
        self.at = self.at.beyond(None, compared=0)

    def heal(self, known: Difference[Any]) -> None:
        """Settle what differs. What has no answer is asked about again when the others had theirs.

        Raises GatewayUnavailable when the provider was silent too often; the next run comes to all of them.
        """
        try:
            self.healer.heal(known)
        except BeyondOurKey as refusal:
            self.healer.note_failure(known, refusal)
        except GatewayUnavailable as silence:
            log.warning("reconciliation_unanswered", object_id=known.object_id, reason=str(silence))
            self._count(silence)
            self.unanswered.append(known)
        else:
            self.silences = 0

    def _ask_again(self) -> None:
        """Ask about each object once more that had no answer while others had; then that is noted."""
        for known in self.unanswered:
            try:
                self.healer.heal(known)
            except GatewayUnavailable as silence:
                self.healer.note_failure(known, silence)

    def ask(self, unanswered: Unanswered) -> None:
        """Settle what has no end here. Raises GatewayUnavailable when the provider was silent too often."""
        try:
            self.healer.heal(comparing.unanswered(unanswered))
        except GatewayUnavailable as silence:
            self._count(silence)
        else:
            self.silences = 0

    def _count(self, silence: GatewayUnavailable) -> None:
        self.silences += 1
        if self.silences == MOST_SILENCES:
            raise silence

    def arrive(self, session: Session) -> bool:
        """Note where the run has come to, in the step's last transaction; True when there is more now."""
        more = runs.arrive(session, self.healer.run_id, self.at)
        if self.interrupted_by is not None:
            runs.interrupt(session, self.healer.run_id, reason=self.interrupted_by)
        return more and self.interrupted_by is None


def take_step(
    claim: Claim, *, run_id: UUID, step: int, gateway: WorkerGateway, holds: Holds, gaps: Gaps
) -> None:
    """Go on with a run for some seconds, and owe its next step."""
    with transaction() as session:
        claim.check(session)
        at = runs.place(session, run_id, step=step)
        if at is None:
            claim.finish(session)
            return
    walk = Walk(Healer(run_id, claim, gateway, holds), gaps, at)
    walk.go(seconds=STEP_SECONDS)
    with transaction() as session:
        claim.finish(session)
        if walk.arrive(session):
            runs.go_on(session, run_id)


Look = Callable[[Walk], Iterator[str]]
"""Looks through a list from the walk's place on; gives the id of each object that is done."""


class Unguarded:
    """An operator's own run: nobody else takes its steps."""

    def check(self, session: Session) -> None:
        """It may always go on."""


def reconcile_now(*, reaching_back: timedelta, gateway: WorkerGateway, holds: Holds, gaps: Gaps) -> UUID:
    """Compare everything from so long ago on, to the end or until the provider is silent; the run's id."""
    with transaction() as session:
        run_id = runs.begin(session, reaching_back=reaching_back)
    more = True
    while more:
        with transaction() as session:
            at = runs.place(session, run_id, step=0)
        if at is None:
            break
        walk = Walk(Healer(run_id, Unguarded(), gateway, holds), gaps, at)
        walk.go(seconds=STEP_SECONDS)
        with transaction() as session:
            more = walk.arrive(session)
    return run_id


def _unanswered(take: Callable[..., list[Unanswered]]) -> Look:
    def look_through(walk: Walk) -> Iterator[str]:
        while True:
            with transaction() as session:
                walk.healer.guard.check(session)
                found = take(session, walk.gaps, limit=ASKED_AT_ONCE)
            for each in found:
                walk.ask(each)
                yield each.object_id
            if not found:
                return

    return look_through


def _payments(flow: str) -> Look:
    def look_through(walk: Walk) -> Iterator[str]:
        listed = walk.healer.gateway.payments_since(walk.at.since, flow=flow, after=walk.at.cursor)
        for page in _pages(listed):
            with transaction() as session:
                differing = comparing.differing_payments(session, page)
            for seen in page:
                yield _healed(walk, seen.object_id, differing)

    return look_through


def _refunds(walk: Walk) -> Iterator[str]:
    for page in _pages(walk.healer.gateway.refunds_since(walk.at.since, after=walk.at.cursor)):
        with transaction() as session:
            differing = returning.differing_refunds(session, page)
        for seen in page:
            yield _healed(walk, seen.provider_id, differing)


def _disputes(walk: Walk) -> Iterator[str]:
    for page in _pages(walk.healer.gateway.disputes_since(walk.at.since, after=walk.at.cursor)):
        with transaction() as session:
            differing = returning.differing_disputes(session, page)
        for seen in page:
            yield _healed(walk, seen.provider_id, differing)


def _unfinished_disputes(walk: Walk) -> Iterator[str]:
    """Those that began before everything that is listed, too."""
    while True:
        with transaction() as session:
            page = asking.unfinished_disputes(session, after=walk.at.cursor, limit=ASKED_AT_ONCE)
        for each in page:
            walk.heal(comparing.unanswered(each))
            yield each.object_id
        if not page:
            return


def _undelivered_events(walk: Walk) -> Iterator[str]:
    with transaction() as session:
        until = now(session) - ON_ITS_WAY
    listed = walk.healer.gateway.undelivered_since(walk.at.since, until=until, after=walk.at.cursor)
    for page in _pages(listed):
        walk.healer.keep(page)
        yield from (event["id"] for event in page)


def _healed(walk: Walk, object_id: str, differing: Mapping[str, Difference[Any]]) -> str:
    if object_id in differing:
        walk.heal(differing[object_id])
    return object_id


def _pages(listed: Iterable[T]) -> Iterator[list[T]]:
    objects = iter(listed)
    while page := list(islice(objects, PAGE)):
        yield page


_LOOK_THROUGH: dict[str, Look] = {
    states.UNANSWERED_PAYMENTS: _unanswered(asking.payments_to_ask),
    states.UNANSWERED_REFUNDS: _unanswered(asking.refunds_to_ask),
    states.INTENTS: _payments(INTENT),
    states.SESSIONS: _payments(SESSION),
    states.REFUNDS: _refunds,
    states.DISPUTES: _disputes,
    states.EVENTS: _undelivered_events,
    states.UNFINISHED_DISPUTES: _unfinished_disputes,
}
