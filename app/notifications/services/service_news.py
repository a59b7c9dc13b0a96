"""What mails say about webhooks, and about what other services tell: read from the events themselves."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.events.queries import payload_of
from app.identity.queries import api_key
from app.notifications.services.wording import one_line
from app.notifications.states import SERVICE_KINDS
from app.platform.db import Json


def facts_of(session: Session, kind: str, about: UUID) -> Json | None:
    """What the mail says about a disabling or an alert; None when there was none."""
    payload = payload_of(session, SERVICE_KINDS[kind], str(about))
    if payload is None:
        return None
    if kind == "webhook_disabled":
        return {"host": payload["host"], "why": payload["reason"]}
    told = ", ".join(f"{name} {fact}" for name, fact in sorted(payload["data"].items()))
    service = api_key(session, UUID(payload["client_id"])).name
    return {"service": one_line(service), "type": payload["type"], "told": told}
