"""A message on its way: what is called, and what follows from the answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.platform.db import locked, now
from app.platform.ids import new_id
from app.webhooks import queries
from app.webhooks.events import MessageGivenUp, MessageOwed
from app.webhooks.gateway.protocol import Answer, Call
from app.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from app.webhooks.services import endpoints
from app.webhooks.services.rules import WebhookRules
from app.webhooks.services.secrets import signatures
from app.webhooks.states import (
    ENABLED,
    FAILING,
    GIVEN_UP,
    GONE,
    JITTER,
    LONGEST_RETRY_AFTER,
    PATIENCE,
    PAUSES,
    SENT,
    WAITING,
    brake,
)

SIGNATURE = "webhook-signature"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that is to be made now, and the row that waits for its answer."""

    id: UUID
    message_id: UUID
    call: Call

    @property
    def is_signed(self) -> bool:
        """Whether a secret of its endpoint could be made."""
        return bool(self.call.headers[SIGNATURE])


def begin(session: Session, message_id: UUID, round_: int, rules: WebhookRules) -> Attempt | timedelta | None:
    """The call of a message, noted as under way; how long to wait before it; or None: there is none to make.

    None is for a message that was sent, that waits behind an earlier one of its subject, or whose endpoint is
    disabled: then it is given up. Locks the endpoint, then the message. Commit before the call.
    """
    held = _lock(session, message_id)
    if held is None or held[1].status != WAITING or held[1].round != round_:
        return None
    endpoint, message = held
    if endpoint.status != ENABLED:
        _give_up(session, message)
        return None
    first = queries.first_waiting(session, endpoint.id, message.subject)
    if first is not None and first.id != message.id:
        # So that it can be owed anew, by whoever is done with the first.
        message.round, message.tries = message.round + 1, 0
        return None
    moment = now(session)
    due = max(message.next_try_at, endpoint.paused_until or moment)
    if due > moment:
        return (due - moment) * uniform(1, 1 + JITTER)  # noqa: S311  # no secret
    return _attempt(session, endpoint, message, moment, rules)


def record(session: Session, attempt: Attempt, answer: Answer) -> timedelta | None:
    """Note how a call ended; the answer is how long to wait before the next, None after the last.

    Locks the endpoint, then the message. An answer 410 disables the endpoint, and so does the failure that
    comes three days after the first of an unbroken row of failures.
    """
    held, row = _lock(session, attempt.message_id), session.get(WebhookAttempt, attempt.id)
    if held is None or row is None:
        return None
    endpoint, message = held
    row.milliseconds, row.status_code = answer.milliseconds, answer.status
    row.error, row.excerpt = answer.error, answer.excerpt
    if answer.is_success:
        endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
        _end(session, message, SENT)
        return None
    moment = now(session)
    _note_failure(session, endpoint, answer, moment)
    pause = _pause(message, answer, moment) if endpoint.status == ENABLED else None
    if pause is None:
        _give_up(session, message)
        return None
    message.next_try_at = moment + pause
    return pause


def give_up(session: Session, message_id: UUID, round_: int) -> None:
    """Let a message of this round not be sent any more, if it still waits: the next of its subject is owed.

    Repeating changes nothing. Locks the endpoint, then the message.
    """
    held = _lock(session, message_id)
    if held is not None and (held[1].status, held[1].round) == (WAITING, round_):
        _give_up(session, held[1])


def owe_next(session: Session, endpoint_id: UUID, subject: str) -> None:
    """Owe the first message that waits of a subject, if there is one. Hold the endpoint's lock.

    Its days begin now: while it waited behind another, nobody tried it.
    """
    first = queries.first_waiting(session, endpoint_id, subject)
    if first is not None:
        first.owed_at = func.now()
        publish(session, MessageOwed(message_id=first.id, round=first.round))


def _lock(session: Session, message_id: UUID) -> tuple[WebhookEndpoint, WebhookMessage] | None:
    """None for a message that is forgotten."""
    of_message = select(WebhookMessage.endpoint_id).where(WebhookMessage.id == message_id)
    endpoint_id = session.scalar(of_message)
    if endpoint_id is None:
        return None
    endpoint = session.scalars(locked(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))).one()
    return endpoint, queries.lock_message(session, endpoint_id, message_id)


def _attempt(
    session: Session,
    endpoint: WebhookEndpoint,
    message: WebhookMessage,
    moment: datetime,
    rules: WebhookRules,
) -> Attempt:
    message.tries += 1
    row = WebhookAttempt(id=new_id(), message_id=message.id)
    session.add(row)
    body = orjson.dumps(
        {"type": message.type, "timestamp": message.occurred_at, "data": message.data},
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )
    name, timestamp = str(message.event_id), int(moment.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        SIGNATURE: signatures(
            queries.secrets(session, endpoint.id),
            rules.keys,
            message_id=name,
            timestamp=timestamp,
            body=body,
        ),
    }
    return Attempt(row.id, message.id, Call(endpoint.url, headers, body))


def _note_failure(session: Session, endpoint: WebhookEndpoint, answer: Answer, moment: datetime) -> None:
    endpoint.failing_since = endpoint.failing_since or moment
    if answer.status == 410:
        endpoints.disable(session, endpoint, GONE)
    elif moment - endpoint.failing_since >= PATIENCE:
        endpoints.disable(session, endpoint, FAILING)
    elif answer.is_overload:
        endpoint.failures += 1
        wait = max(brake(endpoint.failures), _asked_for(answer))
        endpoint.paused_until = moment + wait


def _pause(message: WebhookMessage, answer: Answer, moment: datetime) -> timedelta | None:
    if message.tries > len(PAUSES) or moment - message.owed_at >= PATIENCE:
        return None
    jitter = uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
    return max(PAUSES[message.tries - 1] * jitter, _asked_for(answer))


def _asked_for(answer: Answer) -> timedelta:
    return min(answer.retry_after or timedelta(0), LONGEST_RETRY_AFTER)


def _give_up(session: Session, message: WebhookMessage) -> None:
    _end(session, message, GIVEN_UP)
    publish(session, MessageGivenUp(message_id=message.id, endpoint_id=message.endpoint_id))


def _end(session: Session, message: WebhookMessage, status: str) -> None:
    message.status, message.ended_at = status, func.now()
    session.flush()
    owe_next(session, message.endpoint_id, message.subject)
