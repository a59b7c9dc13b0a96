"""How long products take before they can be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Product


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


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
