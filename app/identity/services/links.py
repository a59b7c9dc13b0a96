"""Links in mails. Their token is made when the mail is written, so that none is stored, sent on or logged."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.identity.errors import LinkNotValid
from app.identity.models import MailLink, User
from app.platform.db import table_of
from app.platform.forgetting import delete_some
from app.platform.ids import new_id
from app.platform.tokens import derived_token, same_token

RESET, VERIFICATION, CHANGE = "password_reset", "email_verification", "email_change"
KEPT_FOR = timedelta(days=30)
MOST_MAILED = 5
"""Of one purpose and account, until they expire: whoever asks for more fills nobody's mailbox."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that a mail carries to `email`, and whose account it is for."""

    id: UUID
    purpose: str
    user_id: UUID
    email: str
    old_email: str | None

    def token(self, secret: str) -> str:
        """What opens the link; for another purpose or address it would be another."""
        facts = (str(self.id), self.email)
        return f"{self.id}.{derived_token(secret, purpose=f'mail link {self.purpose}', facts=facts)}"


def add_link(session: Session, user: User, purpose: str, *, lifetime: timedelta, email: str) -> UUID:
    """Note a link for a mail to this address, to be opened once before `lifetime` is over: its id."""
    link = MailLink(
        id=new_id(),
        purpose=purpose,
        user_id=user.id,
        email=email,
        old_email=user.email if purpose == CHANGE else None,
        expires_at=func.now() + lifetime,
    )
    session.add(link)
    session.flush()
    return link.id


def asked_for(session: Session, link_id: UUID) -> Link | None:
    """The link, counted as mailed, if a mail about it makes sense: it can be opened, and is no flood."""
    link = _find(session, MailLink.id == link_id, _is_open(), _fits(), _is_one_of_few())
    if link is not None:
        mailed = update(MailLink).where(MailLink.id == link_id)
        session.execute(mailed.values(mailed_at=func.coalesce(MailLink.mailed_at, func.now())))
    return link


def to_be_mailed(session: Session, link_id: UUID) -> Link | None:
    """The link, counted as mailed, if it should be sent: as `asked_for`, and nobody has the new address."""
    link = asked_for(session, link_id)
    is_taken = link and link.purpose == CHANGE and _holds(session, link.email)
    return None if is_taken else link


def opened(session: Session, link_id: UUID) -> Link | None:
    """The link, once it was opened."""
    return _find(session, MailLink.id == link_id, MailLink.used_at.is_not(None))


def check(session: Session, token: str, *, purposes: Collection[str], secrets: Sequence[str]) -> Link:
    """The open link of one of the purposes that a token by one of the secrets is for. Raises LinkNotValid."""
    try:
        link_id = UUID(token.partition(".")[0])
    except ValueError:
        raise LinkNotValid.now() from None
    link = _find(session, MailLink.id == link_id, MailLink.purpose.in_(purposes), _is_open(), _fits())
    if link is None or not any(same_token(token, link.token(secret)) for secret in secrets):
        raise LinkNotValid.now()
    return link


def use(session: Session, link: Link) -> None:
    """Open the link, which can be done once: of two at a time, the second gets LinkNotValid."""
    used = update(MailLink).where(MailLink.id == link.id, _is_open()).values(used_at=func.now())
    if session.scalar(used.returning(MailLink.id)) is None:
        raise LinkNotValid.now()


def close_all(session: Session, user_id: UUID, *purposes: str) -> None:
    """Have no link of these purposes open anything any more."""
    of_user = (MailLink.user_id == user_id, MailLink.purpose.in_(purposes), _is_open())
    session.execute(update(MailLink).where(*of_user).values(used_at=func.now()))


def forget_ended(session: Session, *, limit: int) -> int:
    """Delete up to `limit` links that have been over for 30 days; the answer is how many."""
    return delete_some(session, MailLink, MailLink.expires_at < func.now() - KEPT_FOR, limit=limit)


def _find(session: Session, *conditions: ColumnElement[bool]) -> Link | None:
    # The user's id, which is never null: a link that has none is for nobody.
    columns = (MailLink.id, MailLink.purpose, User.id, MailLink.email, MailLink.old_email)
    statement = select(*columns).join(User, User.id == MailLink.user_id).where(*conditions)
    row = session.execute(statement).one_or_none()
    return Link(row[0], row[1], row[2], str(row[3]), row[4]) if row else None


def _is_open() -> ColumnElement[bool]:
    return MailLink.used_at.is_(None) & (MailLink.expires_at > func.now())


def _fits() -> ColumnElement[bool]:
    """Whether the account is open, and has the address that it had when the link was made."""
    return (User.status == "active") & (User.email == func.coalesce(MailLink.old_email, MailLink.email))


def _is_one_of_few() -> ColumnElement[bool]:
    """Only what was mailed counts: what a stranger asks for beyond that must not use up the owner's share.

    It counts until it expires, also when it was used or closed: who asks could do that, and go on.
    """
    other = table_of(MailLink).alias("other")
    others = (
        select(func.count())
        .where(
            other.c.user_id == MailLink.user_id,
            other.c.purpose == MailLink.purpose,
            other.c.expires_at > func.now(),
            other.c.mailed_at.is_not(None),
        )
        .correlate(MailLink)
    )
    return MailLink.mailed_at.is_not(None) | (others.scalar_subquery() < MOST_MAILED)


def _holds(session: Session, email: str) -> bool:
    return session.scalar(select(User.id).where(User.email == email)) is not None
