"""When a buyer wants the goods, and what is to be written to whom they are for."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog.queries.lead_times import ready_on
from app.fulfillment.errors import DeliveryDateImpossible
from app.orders import services as orders
from app.orders.errors import IllegalTransition
from app.orders.states import PAID, PENDING
from app.platform.db import now
from app.platform.working_days import WorkingDays

if TYPE_CHECKING:  # for the hint; the models stay private to their package
    from app.orders.models import Order

FURTHEST = timedelta(days=90)


def check_date(
    session: Session,
    wanted: date,
    *,
    product_ids: Collection[UUID],
    fewest_days: int,
    working_days: WorkingDays,
) -> None:
    """Raise DeliveryDateImpossible unless goods that are ordered now can come on this day.

    It must be a working day, within 90 days, and no earlier than what takes longest is ready and has been
    carried for `fewest_days` working days.
    """
    local = working_days.local(now(session))
    sent = ready_on(session, product_ids, local=local, working_days=working_days)
    earliest, latest = working_days.after(sent, fewest_days), local.date() + FURTHEST
    if wanted < earliest:
        raise _impossible("It cannot be there so early.", earliest)
    if wanted > latest:
        raise _impossible(f"It must be by {latest.isoformat()}.", earliest)
    if not working_days.includes(wanted):
        raise _impossible("Nothing is delivered on this day.", earliest)


def change(
    session: Session,
    order: "Order",
    changes: Mapping[str, Any],
    *,
    fewest_days: int,
    working_days: WorkingDays,
) -> None:
    """Change the `delivery_date` or the `gift_message` of an order that is not packed; None takes it back.

    The caller has locked it. Repeating changes nothing. Raises IllegalTransition, DeliveryDateImpossible.
    """
    new = {name: fact for name, fact in changes.items() if getattr(order, name) != fact}
    if not new:
        return
    if order.status not in (PENDING, PAID):
        raise IllegalTransition("This can be changed until the order is packed.", order_status=order.status)
    if new.get("delivery_date") is not None:
        check_date(
            session,
            new["delivery_date"],
            product_ids=[line.product_id for line in order.lines],
            fewest_days=fewest_days,
            working_days=working_days,
        )
    orders.change_wish(session, order, new)


def _impossible(why: str, earliest: date) -> DeliveryDateImpossible:
    said = earliest.isoformat()
    return DeliveryDateImpossible(
        f"{why} The earliest day is {said}.", errors={"delivery_date": [why]}, earliest=said
    )
