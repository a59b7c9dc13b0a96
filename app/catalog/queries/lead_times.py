"""How long products take before they can be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.platform.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Working days until ordered goods are ready; what comes after `cutoff`, by the shop's clock, is late."""

    days: int
    cutoff: time | None


def lead_times(session: Session, product_ids: Collection[UUID]) -> Sequence[LeadTime]:
    """Those of these products that have one."""
    told = select(Product.delivery_information).where(
        Product.id.in_(product_ids), Product.delivery_information.is_not(None)
    )
    found = [each for each in session.scalars(told) if each is not None]
    return [LeadTime(each.get("lead_days") or 0, _time(each.get("cutoff"))) for each in found]


def ready_on(
    session: Session, product_ids: Collection[UUID], *, local: datetime, working_days: WorkingDays
) -> date:
    """The working day on which goods are ready that are ordered at this moment of the shop's clock."""
    found = (_ready(each, local, working_days) for each in lead_times(session, product_ids))
    return max(found, default=working_days.after(local.date(), 0))


def _ready(lead: LeadTime, local: datetime, working_days: WorkingDays) -> date:
    day = local.date()
    is_late = lead.cutoff is not None and working_days.includes(day) and local.time() >= lead.cutoff
    first = working_days.after(day + timedelta(days=1) if is_late else day, 0)
    return working_days.after(first, lead.days)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
