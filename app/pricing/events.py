"""Facts about prices."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class CouponReserved(Event):
    """The order holds one of the uses of a coupon: at checkout, or once more when late money revives it."""

    topic: ClassVar[str] = "pricing.coupon_reserved"
    order_id: UUID
    coupon_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class CouponUsed(Event):
    """The order is paid, and its coupon used."""

    topic: ClassVar[str] = "pricing.coupon_used"
    order_id: UUID
    coupon_id: UUID


@dataclass(frozen=True, slots=True)
class CouponReleased(Event):
    """The order is over: the use of its coupon is somebody else's to have."""

    topic: ClassVar[str] = "pricing.coupon_released"
    order_id: UUID
    coupon_id: UUID
