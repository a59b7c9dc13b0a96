"""Counting the uses of coupons like stock: reserved at checkout, used once paid, released when it is over."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Row,
    Select,
    Text,
    Update,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.events.services import publish, publish_all
from app.platform.db import locked, table_of
from app.platform.ids import new_id
from app.platform.money import Money
from app.pricing.events import CouponReleased, CouponReserved, CouponUsed
from app.pricing.models.coupons import Coupon, CouponCustomer, CouponUse
from app.pricing.services.coupons.limits import used_up, used_up_by_customer
from app.pricing.states import RELEASED, RESERVED, USED


def reserve(
    session: Session, *, coupon_id: UUID, order_id: UUID, cart_id: UUID, customer: str, discount: Money
) -> None:
    """Take one use of a coupon for an order, which has none yet.

    Raises CouponUsedUp when none is left, for anybody or for this customer: roll back then. Locks the coupon.
    """
    _take(session, coupon_id, customer)
    use = CouponUse(
        id=new_id(),
        coupon_id=coupon_id,
        order_id=order_id,
        cart_id=cart_id,
        customer=customer,
        discount_amount=discount.amount,
        currency=discount.currency,
    )
    session.add(use)
    session.flush()
    _tell_reserved(session, use)


def reserve_again(session: Session, *, order_id: UUID) -> None:
    """Take the use once more that an order has given back; without a coupon nothing changes.

    Only the limits count now: what else the coupon asks for was right when the order was placed. Raises
    CouponUsedUp: roll back then. Locks the coupon.
    """
    given_back = select(CouponUse).where(CouponUse.order_id == order_id, CouponUse.status == RELEASED)
    use = session.scalars(locked(given_back)).one_or_none()
    if use is None:
        return
    _take(session, use.coupon_id, use.customer)
    use.status, use.closed_at = RESERVED, None
    session.flush()
    _tell_reserved(session, use)


def use(session: Session, *, order_id: UUID) -> None:
    """The order is paid: what it has reserved is used. Repeating changes nothing. Locks the coupon."""
    for row in _move(session, (order_id,), RESERVED, USED):
        publish(session, CouponUsed(order_id=row.order_id, coupon_id=row.coupon_id))


def release_all(session: Session, order_ids: Collection[UUID]) -> None:
    """Give back what orders that are over have reserved or used. Repeating changes nothing.

    Locks the coupons in id order over all of them.
    """
    gone = [*_move(session, order_ids, RESERVED, RELEASED), *_move(session, order_ids, USED, RELEASED)]
    publish_all(session, [CouponReleased(order_id=row.order_id, coupon_id=row.coupon_id) for row in gone])


def follow_cart(session: Session, order_ids: Collection[UUID], *, cart_id: UUID) -> None:
    """What these orders have reserved is this cart's own: what was checked out lies in it now.

    Repeating changes nothing. The caller has locked the orders.
    """
    if order_ids:
        moved = update(CouponUse).where(CouponUse.order_id.in_(order_ids), CouponUse.status == RESERVED)
        session.execute(moved.values(cart_id=cart_id))


def leave_cart(session: Session, order_id: UUID) -> None:
    """What this order has reserved is no cart's own any more: what was checked out has left its cart.

    Repeating changes nothing. The caller has locked the order.
    """
    left = update(CouponUse).where(CouponUse.order_id == order_id, CouponUse.status == RESERVED)
    session.execute(left.values(cart_id=CouponUse.order_id))


def _take(session: Session, coupon_id: UUID, customer: str | None) -> None:
    taken = session.execute(_taking(), {"its_id": coupon_id, "buying": customer}).one_or_none()
    if taken is None:
        raise used_up()
    if taken.coupon_id is None and customer is not None:
        raise used_up_by_customer()


@cache
def _taking() -> Select[Any]:
    """No row when the coupon has no use left; one without `coupon_id` when the customer has none.

    The coupon's row is changed first, and so locked before that of its customer.
    """
    coupon, customer = table_of(Coupon), table_of(CouponCustomer)
    is_left = or_(coupon.c.uses_limit.is_(None), coupon.c.reserved + coupon.c.used < coupon.c.uses_limit)
    more = update(coupon).where(coupon.c.id == bindparam("its_id"), is_left)
    taken = (
        more.values(reserved=coupon.c.reserved + 1)
        .returning(coupon.c.id, coupon.c.customer_limit)
        .cte("taken")
    )
    buying = bindparam("buying", type_=Text)
    first = select(taken.c.id, buying, taken.c.customer_limit, 1).where(buying.is_not(null()))
    counted = insert(customer).from_select(["coupon_id", "customer", "allowed", "reserved"], first)
    allowed = counted.excluded.allowed
    again = counted.on_conflict_do_update(
        index_elements=["coupon_id", "customer"],
        set_={"reserved": customer.c.reserved + 1, "allowed": allowed},
        where=or_(allowed.is_(None), customer.c.reserved + customer.c.used < allowed),
    )
    by_customer = again.returning(customer.c.coupon_id).cte("by_customer")
    return select(taken.c.id, by_customer.c.coupon_id).select_from(taken.outerjoin(by_customer, true()))


def _tell_reserved(session: Session, use: CouponUse) -> None:
    reserved = CouponReserved(
        order_id=use.order_id, coupon_id=use.coupon_id, amount=use.discount_amount, currency=use.currency
    )
    publish(session, reserved)


def _move(
    session: Session, order_ids: Collection[UUID], before: str, after: str
) -> Sequence[Row[UUID, UUID, str | None]]:
    """Bring the orders' uses from one state to another, and the counters with them; those that were moved."""
    moved = session.execute(_moving(), {"orders": list(order_ids), "from": before, "to": after}).all()
    if moved:
        _count(session, Counter(row.coupon_id for row in moved), before, after)
        named = Counter((row.coupon_id, row.customer) for row in moved if row.customer is not None)
        _count_customers(session, named, before, after)
    return moved


@cache
def _moving() -> ReturningUpdate[UUID, UUID, str | None]:
    uses = table_of(CouponUse)
    of_orders = uses.c.order_id == any_(bindparam("orders", type_=ARRAY(Uuid)))
    target = bindparam("to", type_=Text)
    closed = case((target == RESERVED, null()), else_=func.now())
    moved = update(uses).where(of_orders, uses.c.status == bindparam("from"))
    values = {"status": target, "closed_at": closed}
    return moved.values(values).returning(uses.c.order_id, uses.c.coupon_id, uses.c.customer)


def _count(session: Session, uses: Mapping[UUID, int], before: str, after: str) -> None:
    counts = {"coupons": list(uses), "counts": list(uses.values())}
    session.execute(_counting(before, after), counts)


@cache
def _counting(before: str, after: str) -> Update:
    coupon = table_of(Coupon)
    ids = bindparam("coupons", type_=ARRAY(Uuid))
    # Who locks several rows does it in id order; an UPDATE by itself takes them as they come.
    in_order = select(coupon.c.id).where(coupon.c.id == any_(ids)).order_by(coupon.c.id)
    held = locked(in_order).cte("held")
    given = select(
        func.unnest(ids).label("id"), func.unnest(bindparam("counts", type_=ARRAY(Integer))).label("uses")
    ).cte("given")
    moved = update(coupon).where(coupon.c.id == held.c.id, coupon.c.id == given.c.id)
    return moved.values(_changed(coupon.c, given.c.uses, before, after))


def _count_customers(session: Session, uses: Mapping[tuple[UUID, str], int], before: str, after: str) -> None:
    counts = {
        "coupons": [coupon_id for coupon_id, _ in uses],
        "customers": [customer for _, customer in uses],
        "counts": list(uses.values()),
    }
    session.execute(_counting_customers(before, after), counts)


@cache
def _counting_customers(before: str, after: str) -> Update:
    """In no order: whoever gets here has the locks of these coupons."""
    customer = table_of(CouponCustomer)
    given = select(
        func.unnest(bindparam("coupons", type_=ARRAY(Uuid))).label("coupon_id"),
        func.unnest(bindparam("customers", type_=ARRAY(Text))).label("customer"),
        func.unnest(bindparam("counts", type_=ARRAY(Integer))).label("uses"),
    ).cte("given")
    same = customer.c.coupon_id == given.c.coupon_id, customer.c.customer == given.c.customer
    return update(customer).where(*same).values(_changed(customer.c, given.c.uses, before, after))


def _changed(counters: Any, uses: Any, before: str, after: str) -> dict[str, Any]:
    down = {before: counters[before] - uses}
    return down | ({after: counters[after] + uses} if after == USED else {})
