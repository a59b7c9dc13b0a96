"""Messages for those who answer for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.notifications import queries
from app.notifications.errors import IllegalMessageMove
from app.notifications.models import Message
from app.notifications.schemas import MessageSchema, MessagesQuery, MessagesSchema
from app.notifications.services import ledger
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor

blueprint = Blueprint(
    "Messages",
    __name__,
    url_prefix="/v1/admin/messages",
    description="Mails and text messages: what was sent, and what was given up.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="operations")
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, MessagesSchema)
def list_messages(query: dict[str, Any]) -> Page[Message]:
    """What was sent, or is to be, newest first; `status=dead` are given up, `last_error` says why."""
    before = read_cursor(query["cursor"], datetime.fromisoformat, UUID)
    with transaction() as session:
        return queries.ledger(session, status=query["status"], before=before, limit=query["limit"])


@blueprint.route("/<uuid:message_id>/resend", methods=["POST"])
@requires("admin", permission="operations")
@idempotent
@blueprint.response(202, MessageSchema)
@problems(IllegalMessageMove)
def resend_message(message_id: UUID, *, session: Session) -> Message:
    """Have a message that is sent or dead sent once more, to where its reader is reached now."""
    return ledger.resend(session, message_id)
