"""How far the backroom is behind, in a few statements that are cheap enough to be asked every few seconds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Float, String, cast, exists, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.events.claims import ALARM_ATTEMPTS, is_due
from app.events.models import DeliveryRecord, ScheduledJob
from app.ops.models import InvariantCheck
from app.payments.models import Payment, PaymentReview, Refund
from app.payments.states import MANUAL, OWED, PENDING
from app.webhooks.models import WebhookMessage

OPEN = ("pending", "running")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a queue still owes. `overdue` of the open ones could be worked on now; `oldest` in seconds.

    `alarming` of them have been tried so often that they go on slowly.
    """

    queue: str
    pending: int
    running: int
    overdue: int
    oldest: float
    alarming: int


def limit_time(session: Session, *, milliseconds: int) -> None:
    """Have the database give up on whatever this transaction asks, if it takes longer."""
    session.execute(text(f"SET LOCAL statement_timeout = {int(milliseconds)}"))


def backlogs(session: Session) -> list[Backlog]:
    """Each queue that owes something; reads the open deliveries only, by their index."""
    state, waited = DeliveryRecord.state, func.now() - DeliveryRecord.run_after
    statement = (
        select(
            DeliveryRecord.queue,
            func.count().filter(state == "pending"),
            func.count().filter(state == "running"),
            func.count().filter(is_due()),
            cast(func.coalesce(func.max(func.extract("epoch", waited)).filter(is_due()), 0), Float),
            func.count().filter(DeliveryRecord.attempts >= ALARM_ATTEMPTS),
        )
        .where(state.in_(OPEN))
        .group_by(DeliveryRecord.queue)
    )
    return [Backlog(*row) for row in session.execute(statement)]


def dead(session: Session) -> dict[str, int]:
    """Deliveries that wait for an operator, by queue."""
    waiting = (DeliveryRecord.state == "dead", DeliveryRecord.dropped_at.is_(None))
    rows = select(DeliveryRecord.queue, func.count().label("number")).where(*waiting)
    return {row.queue: row.number for row in session.execute(rows.group_by(DeliveryRecord.queue))}


def last_successes(session: Session) -> dict[str, datetime]:
    """When each scheduled job last did its work to the end."""
    rows = session.execute(select(ScheduledJob.name, ScheduledJob.last_success_at))
    return {row.name: row.last_success_at for row in rows}


def violations(session: Session) -> dict[str, int]:
    """How many things broke each invariant when they were last checked, by its id."""
    rows = session.execute(select(InvariantCheck.invariant, InvariantCheck.violations))
    return {row.invariant: row.violations for row in rows}


def revisions(session: Session) -> set[str]:
    """The migrations that the database stands at; one, unless something went wrong."""
    return set(session.scalars(text("SELECT version_num FROM alembic_version")))


def open_reviews(session: Session) -> tuple[int, float]:
    """How many payments wait for an operator's decision, and for how many seconds the oldest does."""
    return _waiting(session, PaymentReview.opened_at, PaymentReview.decided_at.is_(None))


def webhooks_waiting(session: Session) -> tuple[int, float]:
    """How many messages to third parties wait, and since how many seconds the oldest of them is owed."""
    return _waiting(session, WebhookMessage.owed_at, WebhookMessage.status == "waiting")


def refunds_to_pay_out(session: Session) -> tuple[int, float]:
    """How many refunds of transfers wait to be paid out by hand, and for how many seconds the oldest does."""
    by_transfer = exists().where(Payment.id == Refund.payment_id, Payment.provider == MANUAL)
    return _waiting(session, Refund.created_at, Refund.status == PENDING, by_transfer)


def _waiting(
    session: Session, since: InstrumentedAttribute[datetime], *which: ColumnElement[bool]
) -> tuple[int, float]:
    waited = func.extract("epoch", func.now() - func.min(since))
    found = select(func.count(), cast(func.coalesce(waited, 0), Float))
    row = session.execute(found.where(*which)).one()
    return row[0], row[1]


def dropped_refunds(session: Session) -> int:
    """How many refunds are owed that nobody sends, because an operator has dropped their sending."""
    dropped = (
        select(func.count())
        .select_from(Refund)
        .join(DeliveryRecord, DeliveryRecord.dedupe_key == cast(Refund.id, String))
        .where(
            Refund.status == OWED,
            DeliveryRecord.consumer == "settlement.send_refund",
            DeliveryRecord.dropped_at.is_not(None),
        )
    )
    return session.scalars(dropped).one()


def failed_refunds(session: Session) -> int:
    """How many refunds have failed, with money left that nobody gives back: an operator must see to them."""
    anew = aliased(Refund)
    left = Payment.captured_amount > Payment.refunded_amount
    found = (
        select(func.count())
        .select_from(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(anew, anew.retry_of_id == Refund.id)
        .where(Refund.status == "failed", Refund.source == "shop", anew.id.is_(None), left)
    )
    return session.scalars(found).one()
