"""Sending a message once more because somebody wants it, and forgetting old ones."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func
from sqlalchemy.orm import Session

from app.events.services import publish
from app.platform.forgetting import delete_some
from app.webhooks import queries
from app.webhooks.errors import EndpointDisabled, MessageWaiting
from app.webhooks.events import MessageOwed
from app.webhooks.models import ServiceNotice, WebhookEndpoint, WebhookMessage
from app.webhooks.queries import Owner
from app.webhooks.states import ENABLED, REMOVED, WAITING

KEPT = timedelta(days=30)


def replay(session: Session, endpoint_id: UUID, message_id: UUID, owner: Owner) -> WebhookMessage:
    """Owe a message that was sent or given up anew, by the same id, with all of its tries.

    Later messages about its subject wait for it. Locks the endpoint, then the message. Raises NotFound,
    EndpointDisabled and MessageWaiting.
    """
    endpoint = queries.endpoint(session, endpoint_id, owner, lock=True)
    message = queries.lock_message(session, endpoint_id, message_id)
    if endpoint.status != ENABLED:
        raise EndpointDisabled("Enable the endpoint first.", reason=endpoint.disabled_reason)
    if message.status == WAITING:
        raise MessageWaiting("It is still to be sent.")
    message.status, message.ended_at = WAITING, None
    message.round, message.tries = message.round + 1, 0
    message.owed_at = message.next_try_at = func.now()
    session.flush()
    session.refresh(message)
    first = queries.first_waiting(session, endpoint_id, message.subject)
    if first is not None and first.id == message_id:
        publish(session, MessageOwed(message_id=message_id, round=message.round))
    return message


def forget_old(session: Session, *, limit: int) -> int:
    """Delete up to `limit` messages that ended thirty days ago, with their calls; the answer is how many.

    Notices of that age go, too, and removed endpoints of which no message is left.
    """
    ended = (WebhookMessage.status != WAITING, WebhookMessage.ended_at < func.now() - KEPT)
    count = delete_some(session, WebhookMessage, *ended, limit=limit)
    session.execute(delete(ServiceNotice).where(ServiceNotice.created_at < func.now() - KEPT))
    told = exists().where(WebhookMessage.endpoint_id == WebhookEndpoint.id)
    session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.status == REMOVED, ~told))
    return count
