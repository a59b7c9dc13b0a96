"""What a coupon takes off a purchase, or why not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.platform.errors import AppError
from app.platform.money import allocate, share, step
from app.pricing.errors import (
    CouponExpired,
    CouponNotMet,
    CouponNotStarted,
    CouponUnknown,
    CouponUsedUp,
)
from app.pricing.models.coupons import Coupon
from app.pricing.queries.coupons import Asked, ask
from app.pricing.services.coupons.limits import used_up, used_up_by_customer
from app.pricing.services.facts import NO_DISCOUNT, Discount
from app.pricing.states import EVERYTHING, FREE_SHIPPING, PERCENTAGE, PRODUCTS, SELLERS


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a purchase as coupons see it: `amount` is the price of all its units, in minor units."""

    product_id: UUID
    seller_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Buying:
    """A purchase that a coupon is wanted for; `customer` is None while nobody knows who it is."""

    pieces: Sequence[Piece]
    currency: str
    cart_id: UUID | None
    customer: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A coupon that a purchase may use, and what it takes off each line, in their order."""

    coupon_id: UUID
    code: str
    kind: str
    lines: tuple[int, ...]

    def discount(self, *, shipping: int) -> Discount:
        """What it takes off in all when shipping costs that much."""
        return Discount(self.lines, shipping if self.kind == FREE_SHIPPING else 0)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a coupon that lies in a cart: what it takes off, or why it does not."""

    code: str
    applied: Applied | None = None
    problem: AppError | None = None

    def discount(self, *, shipping: int) -> Discount:
        """What it takes off when shipping costs that much: nothing while it does not fit."""
        return self.applied.discount(shipping=shipping) if self.applied else NO_DISCOUNT


def normal(code: str) -> str:
    """The code as it is kept: upper and lower case are the same."""
    return code.strip().upper()


def attempt(session: Session, code: str, buying: Buying) -> Tried:
    """The coupon of this code as `apply` has it, with the problem in the place of the error."""
    try:
        return Tried(code, apply(session, code, buying))
    except (CouponUnknown, CouponNotStarted, CouponExpired, CouponNotMet, CouponUsedUp) as problem:
        return Tried(code, problem=problem)


def apply(session: Session, code: str, buying: Buying) -> Applied:
    """What the coupon of this code takes off this purchase. Nothing is reserved or locked.

    Raises CouponUnknown, CouponNotStarted, CouponExpired, CouponUsedUp, CouponNotMet.
    """
    ids = [piece.product_id for piece in buying.pieces]
    asked = ask(session, normal(code), customer=buying.customer, cart_id=buying.cart_id, product_ids=ids)
    if asked is None or not asked.coupon.active:
        raise CouponUnknown("There is no such coupon.", errors={"coupon": ["Is not known."]})
    _check_time(asked)
    _check_limits(asked)
    coupon = asked.coupon
    amounts = [piece.amount if _is_for(asked, piece) else 0 for piece in buying.pieces]
    _check_met(coupon, amounts, buying.currency)
    return Applied(coupon.id, coupon.code, coupon.kind, taken_off(coupon, amounts, buying.currency))


def _check_time(asked: Asked) -> None:
    if asked.is_early:
        raise CouponNotStarted("This coupon cannot be used yet.", starts_at=_told(asked.coupon.starts_at))
    if asked.is_over:
        raise CouponExpired("This coupon's time is over.", ended_at=_told(asked.coupon.ends_at))


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _check_limits(asked: Asked) -> None:
    """Tell early what reserving would find out; that alone is certain."""
    coupon = asked.coupon
    if coupon.uses_limit is not None and asked.taken >= coupon.uses_limit:
        raise used_up()
    if coupon.customer_limit is not None and asked.taken_by_customer >= coupon.customer_limit:
        raise used_up_by_customer()


def _is_for(asked: Asked, piece: Piece) -> bool:
    coupon = asked.coupon
    if coupon.scope in (PRODUCTS, SELLERS):
        named = piece.product_id if coupon.scope == PRODUCTS else piece.seller_id
        return named in coupon.scope_ids
    return coupon.scope == EVERYTHING or piece.product_id in asked.shelved


def _check_met(coupon: Coupon, amounts: Sequence[int], currency: str) -> None:
    if coupon.currency not in (None, currency):
        raise CouponNotMet(f"This coupon is for purchases in {coupon.currency}.")
    if not any(amounts):
        raise CouponNotMet("This coupon is for nothing that is bought here.")
    if coupon.minimum is not None and sum(amounts) < coupon.minimum.amount:
        raise CouponNotMet(
            f"This coupon needs a purchase of {coupon.minimum} of what it is for.",
            minimum=asdict(coupon.minimum),
        )


def taken_off(coupon: Coupon, amounts: Sequence[int], currency: str) -> tuple[int, ...]:
    """What comes off each line: split in proportion to what they cost, without losing a unit.

    `amounts` are what the lines cost that the coupon is for, 0 for the others; not all are 0.
    """
    whole, least = sum(amounts), step(currency)
    if coupon.kind == PERCENTAGE:
        off = share(whole, coupon.basis_points or 0, step=least)
    else:
        off = min(coupon.amount or 0, whole)
    return tuple(allocate(off, amounts, step=least))
