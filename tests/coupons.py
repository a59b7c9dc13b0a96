"""Coupons for tests, made through services, and how their counters stand."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.pricing.models import Coupon
from app.pricing.services import coupons
from tests.database import rows

CODE = "SPRING-10"


def make_coupon(session: Session, code: str = CODE, **values: Any) -> Coupon:
    """Ten percent off everything, without limits, unless `values` say otherwise."""
    if not values.keys() & {"kind", "basis_points", "amount"}:
        values |= {"basis_points": 1000}
    return coupons.create(session, code=code, **{"kind": "percentage"} | values)


def counters(session: Session | None = None, code: str = CODE) -> tuple[int, int]:
    """Uses of a coupon that are reserved, and that are used."""
    ((reserved, used),) = rows("SELECT reserved, used FROM coupons WHERE code = :code", session, code=code)
    return reserved, used


def use_of(order_id: UUID, session: Session | None = None) -> list[tuple[Any, ...]]:
    """Status and discount of an order's coupon."""
    statement = "SELECT status, discount_amount FROM coupon_uses WHERE order_id = :id"
    return rows(statement, session, id=order_id)
