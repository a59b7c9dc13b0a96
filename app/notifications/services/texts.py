"""Text messages about an order: only to users who agreed to them, at the number of their account."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.fulfillment.queries import Parcel
from app.identity.services import users
from app.notifications.services import letters
from app.notifications.services.envelopes import Envelope
from app.notifications.services.mails import Letterhead
from app.notifications.services.wording import one_line, said
from app.notifications.states import SMS
from app.platform.db import Json

if TYPE_CHECKING:  # for hints; the models stay private to their package
    from app.orders.models import Order

LONGEST = 459
"""Characters: three parts of 153, in the alphabet that all phones know; of other letters a part has 67."""


def envelope_of(session: Session, order: "Order", parcel: Parcel, kind: str) -> Envelope | None:
    """Where the text goes; None when it is not so any more, nobody agreed to it, or there is no number."""
    if order.user_id is None or not letters.holds(kind.removesuffix("_text"), order, parcel=parcel):
        return None
    number = users.number_for_texts(session, order.user_id)
    if number is None:
        return None
    return Envelope(
        kind=kind,
        channel=SMS,
        recipient=number,
        locale=order.locale,
        order_id=order.id,
        parcel_id=parcel.row.id,
    )


def compose(kind: str, order: "Order", parcel: Parcel, letterhead: Letterhead) -> str:
    """What it says; without the page of the parcel where that would make it too long."""
    facts = letters.facts_of(order, letterhead, parcel=parcel)
    text = text_of(kind, facts, letterhead, tag=order.locale)
    if len(text) > LONGEST:
        pageless = facts | {"parcel": facts["parcel"] | {"page": None}}
        text = text_of(kind, pageless, letterhead, tag=order.locale)
    return text[:LONGEST]


def text_of(kind: str, facts: Json, letterhead: Letterhead, *, tag: str) -> str:
    """What a text message of this kind says of the facts, on one line."""
    return one_line(said(kind, "txt", facts | {"shop": letterhead.shop}, tag=tag))
