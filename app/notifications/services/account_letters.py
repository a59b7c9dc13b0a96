"""What a mail about an account says, and to whom it goes."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import queries as identity
from app.identity.services import Contact, links, users
from app.identity.services.links import Link
from app.notifications.models import Message
from app.notifications.services import cart_letters, notices, service_news, ways_out
from app.notifications.services.envelopes import Envelope
from app.notifications.services.mails import Letterhead, mail
from app.notifications.services.wording import one_line
from app.notifications.states import (
    CART_REMINDER,
    DECLINABLE_KINDS,
    NOT_TO_OWN_ADDRESS,
    SERVICE_KINDS,
    STOCK_KINDS,
)
from app.platform.db import Json

PAGES = {
    "password_reset": "reset-password",
    "email_verification": "verify-email",
    "email_change": "verify-email",
}
"""The pages of the storefront that links open; the token is in the fragment, which no server ever sees."""
ABOUT_LINKS = (*PAGES, "email_change_asked", "email_changed")


@dataclass(frozen=True, slots=True)
class News:
    """What somebody is told: to whom, by which name, the link that the mail carries, if any, and more.

    The name is empty where the address may be another's: nobody greets strangers with words of their own.
    """

    envelope: Envelope
    name: str
    link: Link | None
    facts: Json = field(default_factory=dict)


def news(session: Session, kind: str, *, about: UUID, user_id: UUID | None) -> News | None:
    """What the mail of this kind says; None when there is nobody to write to, or nothing to say any more."""
    link = _link(session, kind, about)
    owner = link.user_id if link else user_id
    reader = users.reachable(session, owner) if owner else None
    if owner is None or reader is None or kind in reader.declined_mails:
        return None  # before the facts: they went with the account
    facts = _facts(session, kind, about, owner)
    if facts is None or (link is None and kind in ABOUT_LINKS):
        return None
    envelope = Envelope(
        kind=kind, recipient=_recipient(kind, link, reader), locale=reader.locale, user_id=owner, about=about
    )
    is_own = reader.is_proved and kind not in NOT_TO_OWN_ADDRESS
    return News(envelope, one_line(reader.full_name) if is_own else "", link, facts)


def compose(message: Message, told: News, letterhead: Letterhead) -> EmailMessage:
    """The mail with its link, as `mail` makes it. Nothing else ever holds the link's token."""
    if message.kind == CART_REMINDER:
        return cart_letters.compose(message, told.facts | {"name": told.name}, letterhead)
    if message.kind in DECLINABLE_KINDS:
        return ways_out.compose(message, told.facts | {"name": told.name, "url": ""}, letterhead)
    page = PAGES.get(message.kind)
    url = ""
    if page is not None and told.link is not None:
        url = f"{letterhead.storefront_url}/{page}#token={told.link.token(letterhead.link_secret)}"
    return mail(message, told.facts | {"name": told.name, "url": url}, letterhead)


def _link(session: Session, kind: str, about: UUID) -> Link | None:
    if kind in PAGES:
        return links.to_be_mailed(session, about)
    if kind == "email_change_asked":
        return links.asked_for(session, about)
    return links.opened(session, about) if kind == "email_changed" else None


def _facts(session: Session, kind: str, about: UUID, user_id: UUID) -> Json | None:
    """What the mails of some kinds say besides; None when that is so no longer."""
    if kind == CART_REMINDER:
        return cart_letters.facts_of(session, user_id, about)
    if kind in STOCK_KINDS:
        return notices.facts_of(session, about)
    if kind in SERVICE_KINDS:
        return service_news.facts_of(session, kind, about)
    if kind not in ("seller_approved", "seller_rejected"):
        return {}
    application = identity.application(session, about)
    return {"shop_name": one_line(application.shop_name), "reason": one_line(application.reject_reason or "")}


def _recipient(kind: str, link: Link | None, reader: Contact) -> str:
    if link is None:
        return reader.email
    return link.email if kind in PAGES else link.old_email or reader.email
