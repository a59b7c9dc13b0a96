"""What users agree to, and which mails they decline; also by a link without a login."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, all_, func, literal, select, update
from sqlalchemy.orm import Session

from app.identity.errors import LinkNotValid
from app.identity.models import DECLINABLE_MAILS, User
from app.platform.db import Json
from app.platform.tokens import derived_token, same_token

PURPOSE = "no cart reminders"
DECLINING = "no mails of a kind"


@dataclass(frozen=True, slots=True)
class WayOut:
    """Whose link it is, and of which declinable kind of mails; of reminders of carts with None."""

    user_id: UUID
    kind: str | None


def as_kept(changes: Json) -> dict[str, Any]:
    """Changes of a profile; what is agreed to among them, as the moment since when it is so."""
    values = dict(changes)
    for name, since in (
        ("cart_reminders", User.cart_reminders_at),
        ("text_messages", User.text_messages_at),
    ):
        if (agrees := values.pop(name, None)) is not None:
            values[f"{name}_at"] = func.coalesce(since, func.now()) if agrees else None
    if "declined_mails" in values:
        values["declined_mails"] = sorted(set(values["declined_mails"]))
    return values


def remindable_users() -> Select[UUID]:
    """The ids of those who may be reminded, for others to go by: who agreed, and has proved the address."""
    # An address that nobody has proved may be a stranger's, who agreed to nothing.
    agreed = User.cart_reminders_at.is_not(None), User.email_verified_at.is_not(None), User.status == "active"
    return select(User.id).where(*agreed)


def token_of(user_id: UUID, *, secret: str, kind: str | None = None) -> str:
    """What a mail carries to take the consent back, or to have no more of a declinable kind.

    It opens nothing else, and does not end.
    """
    if kind is None:
        return f"{user_id}.{derived_token(secret, purpose=PURPOSE, facts=(str(user_id),))}"
    return f"{user_id}.{kind}.{derived_token(secret, purpose=DECLINING, facts=(str(user_id), kind))}"


def check(token: str, *, secrets: tuple[str, ...]) -> WayOut:
    """What a token by one of the secrets is for. Raises LinkNotValid."""
    owner, *parts = token.split(".")
    kind = parts[0] if len(parts) == 2 and parts[0] in DECLINABLE_MAILS else None
    try:
        user_id = UUID(owner)
    except ValueError:
        raise LinkNotValid.now() from None
    if not any(same_token(token, token_of(user_id, secret=secret, kind=kind)) for secret in secrets):
        raise LinkNotValid.now()
    return WayOut(user_id, kind)


def take_back(session: Session, way_out: WayOut) -> None:
    """Send no more of these mails. Repeating changes nothing, and they may be wanted anew."""
    if way_out.kind is None:
        agreed = update(User).where(User.id == way_out.user_id, User.cart_reminders_at.is_not(None))
        session.execute(agreed.values(cart_reminders_at=None, updated_at=func.now()))
    else:
        _decline(session, way_out.user_id, way_out.kind)


def _decline(session: Session, user_id: UUID, kind: str) -> None:
    wanted = literal(kind) != all_(User.declined_mails), User.deleted_at.is_(None)
    more = func.array_append(User.declined_mails, kind)
    session.execute(
        update(User).where(User.id == user_id, *wanted).values(declined_mails=more, updated_at=func.now())
    )
