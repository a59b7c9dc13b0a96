"""Reading endpoints, what is owed to them, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged
from app.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage, WebhookSecret
from app.webhooks.states import ENABLED, REMOVED, WAITING


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose endpoints: a third party's by `client_id`, a seller's by `seller_id`; with neither all."""

    client_id: UUID | None = None
    seller_id: UUID | None = None

    @property
    def sees(self) -> ColumnElement[bool]:
        """Whether an endpoint is theirs to see."""
        if self.client_id is not None:
            return WebhookEndpoint.client_id == self.client_id
        return true() if self.seller_id is None else WebhookEndpoint.seller_id == self.seller_id


@dataclass(frozen=True, slots=True)
class Story:
    """A message with the calls that were made for it, in their order."""

    message: WebhookMessage
    attempts: Sequence[WebhookAttempt]


def endpoint(session: Session, endpoint_id: UUID, owner: Owner, *, lock: bool = False) -> WebhookEndpoint:
    """An endpoint, locked on demand. Raises NotFound, for another's as for none."""
    statement = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, owner.sees, _is_there())
    found = session.scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound("There is no such webhook endpoint.")
    return found


def endpoints(session: Session, owner: Owner, *, before: UUID | None, limit: int) -> Page[WebhookEndpoint]:
    """Endpoints, those that were made last first."""
    statement = select(WebhookEndpoint).where(owner.sees, _is_there()).order_by(WebhookEndpoint.id.desc())
    if before is not None:
        statement = statement.where(WebhookEndpoint.id < before)
    return paged(session.scalars(statement.limit(limit + 1)).all(), limit, lambda each: [each.id])


def count_of(session: Session, owner: Owner) -> int:
    """How many endpoints an owner has; the shop's own are those of nobody else."""
    is_theirs = and_(
        WebhookEndpoint.client_id.is_not_distinct_from(owner.client_id),
        WebhookEndpoint.seller_id.is_not_distinct_from(owner.seller_id),
    )
    return session.scalars(select(func.count(WebhookEndpoint.id)).where(is_theirs, _is_there())).one()


def enabled(session: Session) -> Sequence[WebhookEndpoint]:
    """Whoever listens now."""
    listening = select(WebhookEndpoint).where(WebhookEndpoint.status == ENABLED)
    return session.scalars(listening.order_by(WebhookEndpoint.id)).all()


def lock_endpoints(session: Session, ids: Sequence[UUID]) -> None:
    """Lock endpoints by ascending id, as all do: with one goes the order of its messages."""
    these = select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ids)).order_by(WebhookEndpoint.id)
    session.scalars(locked(these)).all()


def secrets(session: Session, endpoint_id: UUID) -> Sequence[WebhookSecret]:
    """Those that sign now, the newest first."""
    mine = select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)
    valid = mine.where(or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > func.now()))
    return session.scalars(valid.order_by(WebhookSecret.created_at.desc(), WebhookSecret.id.desc())).all()


def messages(
    session: Session, endpoint_id: UUID, *, status: str | None, before: int | None, limit: int
) -> Page[WebhookMessage]:
    """What an endpoint was told, or is to be, newest first."""
    statement = select(WebhookMessage).where(WebhookMessage.endpoint_id == endpoint_id)
    if status is not None:
        statement = statement.where(WebhookMessage.status == status)
    if before is not None:
        statement = statement.where(WebhookMessage.sequence < before)
    newest_first = statement.order_by(WebhookMessage.sequence.desc()).limit(limit + 1)
    return paged(session.scalars(newest_first).all(), limit, lambda each: [each.sequence])


def story(session: Session, endpoint_id: UUID, message_id: UUID) -> Story:
    """A message and its calls. Raises NotFound."""
    message = _message(session, endpoint_id, message_id, lock=False)
    calls = select(WebhookAttempt).where(WebhookAttempt.message_id == message_id)
    ordered = calls.order_by(WebhookAttempt.started_at, WebhookAttempt.id)
    return Story(message, session.scalars(ordered).all())


def lock_message(session: Session, endpoint_id: UUID, message_id: UUID) -> WebhookMessage:
    """A message of an endpoint, locked; lock the endpoint first. Raises NotFound."""
    return _message(session, endpoint_id, message_id, lock=True)


def first_waiting(session: Session, endpoint_id: UUID, subject: str) -> WebhookMessage | None:
    """The message about a subject that is to be sent before all others of it."""
    mine = select(WebhookMessage).where(
        WebhookMessage.endpoint_id == endpoint_id,
        WebhookMessage.subject == subject,
        WebhookMessage.status == WAITING,
    )
    return session.scalars(mine.order_by(WebhookMessage.sequence).limit(1)).one_or_none()


def _message(session: Session, endpoint_id: UUID, message_id: UUID, *, lock: bool) -> WebhookMessage:
    mine = select(WebhookMessage).where(
        WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.id == message_id
    )
    message = session.scalars(locked(mine) if lock else mine).one_or_none()
    if message is None:
        raise NotFound("There is no such message of this endpoint. Old ones are forgotten.")
    return message


def _is_there() -> ColumnElement[bool]:
    return WebhookEndpoint.status != REMOVED
