"""What other services tell: each id once."""

from dataclasses import dataclass
from uuid import UUID, uuid5

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.queries import admins_with
from app.platform.db import Json
from app.platform.errors import Invalid
from app.platform.ids import new_id
from app.webhooks.errors import NoticeDiffers
from app.webhooks.events import AlertRaised, NoticeReceived
from app.webhooks.models import ServiceNotice
from app.webhooks.services.kinds import is_foreign

ALERT = "ALERT_"
"""How the types begin that admins are told of by mail, too."""


@dataclass(frozen=True, slots=True)
class Received:
    """What was told, and whether it was for the first time."""

    notice: ServiceNotice
    is_new: bool


def receive(session: Session, client_id: UUID, *, reference: str, type_: str, data: Json) -> Received:
    """Take what a service tells under an id of its own: it has one effect, however often it is told.

    Endpoints that listen to the type hear of it, and of an alert those admins by mail who keep operations.
    Raises Invalid for a type of our own, and NoticeDiffers for the same id with something else.
    """
    if not is_foreign(type_):
        raise Invalid("The shop tells this itself.", errors={"type": ["Use a type of your own."]})
    row = insert(ServiceNotice).values(
        id=new_id(), client_id=client_id, reference=reference, type=type_, data=data
    )
    new_row = session.scalar(row.on_conflict_do_nothing().returning(ServiceNotice.id))
    same = select(ServiceNotice).where(
        ServiceNotice.client_id == client_id, ServiceNotice.reference == reference
    )
    notice = session.scalars(same).one()
    if (notice.type, _text_of(notice.data)) != (type_, _text_of(data)):
        raise NoticeDiffers("This id was told before, with another type or other data.")
    if new_row is not None:
        _tell(session, notice)
    return Received(notice, is_new=new_row is not None)


def _text_of(data: Json) -> bytes:
    """One text for the same facts: to Python, true is 1."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def _tell(session: Session, notice: ServiceNotice) -> None:
    client_id, name, data = notice.client_id, notice.type, notice.data
    publish(session, NoticeReceived(notice_id=notice.id, client_id=client_id, type=name, data=data))
    if name.startswith(ALERT):
        for user_id in admins_with(session, "operations"):
            alert_id = uuid5(notice.id, str(user_id))
            publish(session, AlertRaised(alert_id, user_id, client_id=client_id, type=name, data=data))
