"""The mail that reminds somebody of a cart: only to those who agreed, and with the way out of it."""

from email.message import EmailMessage
from uuid import UUID

from sqlalchemy.orm import Session

from app.carts import services as carts
from app.notifications.models import Message
from app.notifications.services import ways_out
from app.notifications.services.mails import Letterhead
from app.notifications.services.wording import one_line
from app.platform.db import Json


def facts_of(session: Session, user_id: UUID, reminder_id: UUID) -> Json | None:
    """What the mail says; None when there is nothing to be reminded of any more, or no consent."""
    left = carts.left_behind(session, user_id, reminder_id)
    if left is None:
        return None
    articles = ", ".join(f"{quantity} × {one_line(name)}" for name, quantity in left.articles)
    return {"articles": articles, "kept_until": left.kept_until.date()}


def compose(message: Message, facts: Json, letterhead: Letterhead) -> EmailMessage:
    """The mail, with what takes the consent back."""
    return ways_out.compose(message, facts | {"url": f"{letterhead.storefront_url}/cart"}, letterhead)
