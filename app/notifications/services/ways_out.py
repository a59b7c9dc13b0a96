"""How a mail says that no more of its kind are wanted: by a link, and to mail programs (RFC 8058)."""

from email.message import EmailMessage

from app.identity.services import consents
from app.notifications.models import Message
from app.notifications.services.mails import Letterhead, mail
from app.notifications.states import CART_REMINDER
from app.platform.db import Json


def compose(message: Message, facts: Json, letterhead: Letterhead) -> EmailMessage:
    """The mail, with the way out of its kind."""
    if message.user_id is None:
        raise ValueError("a mail of this kind is somebody's")
    kind = None if message.kind == CART_REMINDER else message.kind
    token = consents.token_of(message.user_id, secret=letterhead.link_secret, kind=kind)
    way_out = f"{letterhead.public_url}/v1/unsubscribe?token={token}"
    made = mail(message, facts | {"unsubscribe_url": way_out}, letterhead)
    made["List-Unsubscribe"] = f"<{way_out}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return made
