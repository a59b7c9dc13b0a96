"""Reading orders."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from app.orders.models import Order, OrderLine
from app.orders.queries.of_carts import lies_in
from app.orders.states import CANCELLED, DELIVERED, PACKED, PAID, PENDING, SHIPPED
from app.platform.db import Json
from app.platform.errors import NotFound
from app.platform.ids import is_id
from app.platform.money import Money
from app.platform.pagination import Page, paged
from app.platform.party import Party
from app.platform.tokens import derived_token, same_token

OPEN_TO_TOKEN_FOR = timedelta(days=30)
"""How long the cart token that an order was placed with opens it."""

NOT_FOR_SELLERS = ("phone",)
"""What of an address nobody needs who sends a parcel."""


@dataclass(frozen=True, slots=True)
class SoldOrder:
    """A paid order as one of its sellers sees it: with their own lines only."""

    order: Order
    lines: Sequence[OrderLine]

    @property
    def lines_total(self) -> Money:
        """The price of the seller's lines, without shipping and tax."""
        return Money(sum(line.line_total_amount for line in self.lines), self.order.currency)

    @property
    def shipping_address(self) -> Json | None:
        """Where to send it; None when nothing of these lines is to be sent, or not any more."""
        if self.order.status not in (PAID, PACKED) or not self._is_some_here():
            return None
        return {
            name: part for name, part in self.order.shipping_address.items() if name not in NOT_FOR_SELLERS
        }

    def _is_some_here(self) -> bool:
        """Whether units of these lines are to leave the house still, packed or not."""
        left = [each for each in self.order.parcels if each["status"] in (SHIPPED, DELIVERED)]
        sent: Counter[str] = Counter()
        for content in (content for parcel in left for content in parcel["lines"]):
            sent[content["line_id"]] += content["quantity"]
        return any(line.quantity - line.withheld > sent[str(line.id)] for line in self.lines)


def of_buyer(
    session: Session, buyer: Party, *, status: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> Page[Order]:
    """The buyer's orders with their lines, newest first, of one status or of all."""
    statement = select(Order).where(_own(buyer)).options(selectinload(Order.lines))
    if status is not None:
        statement = statement.where(Order.status == status)
    if before is not None:
        statement = statement.where(tuple_(Order.placed_at, Order.id) < before)
    newest_first = statement.order_by(Order.placed_at.desc(), Order.id.desc())
    rows: Sequence[Order] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda order: [order.placed_at, order.id])


def readable(session: Session, id_or_number: str, *, by: Party) -> Order:
    """The order by its id or number with its lines, if it is theirs to see; an operator sees everybody's.

    Raises NotFound, for a stranger's as for none.
    """
    order = _find(session, id_or_number, true() if by.is_operator else _own(by))
    if order is None:
        raise NotFound("There is no such order.")
    return order


def visible(
    session: Session, id_or_number: str, *, to: Party, token: str | None, secrets: Sequence[str]
) -> Order:
    """The order with its lines, for who may read it, or holds a link to it: its `link_token` by a secret.

    Raises NotFound.
    """
    linked = behind_link(session, id_or_number, token=token, secrets=secrets) if token is not None else None
    return linked or readable(session, id_or_number, by=to)


def behind_link(session: Session, id_or_number: str, *, token: str, secrets: Sequence[str]) -> Order | None:
    """The order with its lines, if the token is that of its `link_token` by one of the secrets."""
    order = _find(session, id_or_number, true())
    if order is None:
        return None
    return order if any(same_token(token, link_token(order, secret=each)) for each in secrets) else None


def link_token(order: Order, *, secret: str) -> str:
    """What the link in a mail carries: it opens this order to who got the mail, as long as that is who."""
    return derived_token(secret, purpose="order link", facts=(str(order.id), order.email))


def get(session: Session, order_id: UUID) -> Order:
    """The order with its lines. Raises NotFound."""
    order = session.scalars(_with_lines(), {"order_id": order_id}).unique().one_or_none()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def with_ids(session: Session, order_ids: Collection[UUID]) -> Mapping[UUID, Order]:
    """These orders with their lines, by their ids; those that do not exist are left out."""
    found = select(Order).where(Order.id.in_(order_ids)).options(selectinload(Order.lines))
    return {order.id: order for order in session.scalars(found)}


def briefs(session: Session, order_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, Money]]:
    """Number and total of these orders, by their ids; those that do not exist are left out."""
    told = select(Order.id, Order.number, Order.total_amount, Order.currency).where(Order.id.in_(order_ids))
    return {row.id: (row.number, Money(row.total_amount, row.currency)) for row in session.execute(told)}


@cache
def _with_lines() -> Select[Order]:
    return select(Order).where(Order.id == bindparam("order_id")).options(joinedload(Order.lines))


def sold_by(session: Session, seller_id: UUID, id_or_number: str) -> SoldOrder:
    """A paid order with this seller's lines of it. Raises NotFound, also when there are none."""
    order = _find(session, id_or_number, Order.paid_at.is_not(None))
    found = sold(session, seller_id, [order.id]) if order else []
    if not found:
        raise NotFound("There is no such order.")
    return found[0]


def sold(session: Session, seller_id: UUID, order_ids: Sequence[UUID]) -> list[SoldOrder]:
    """These orders with this seller's lines, in this order; those without any are left out."""
    orders = {each.id: each for each in session.scalars(select(Order).where(Order.id.in_(order_ids)))}
    lines: dict[UUID, list[OrderLine]] = defaultdict(list)
    own = select(OrderLine).where(OrderLine.order_id.in_(order_ids), OrderLine.seller_id == seller_id)
    for line in session.scalars(own.order_by(OrderLine.position)):
        lines[line.order_id].append(line)
    return [SoldOrder(orders[each], lines[each]) for each in order_ids if each in lines]


def placed_with(token_hash: str | None) -> ColumnElement[bool]:
    """Whether a guest placed it with this cart token, and not too long ago for it to open anything."""
    recent = Order.placed_at > func.now() - OPEN_TO_TOKEN_FOR
    return false() if token_hash is None else and_(Order.guest_token_hash == token_hash, recent)


def unclaimed(token_hash: str) -> ColumnElement[bool]:
    """Whether this guest's token still opens it, and no account has taken it over."""
    return and_(placed_with(token_hash), Order.user_id.is_(None))


def _own(buyer: Party) -> ColumnElement[bool]:
    by_account = false() if buyer.user_id is None else Order.user_id == buyer.user_id
    return or_(by_account, placed_with(buyer.token_hash))


def _find(session: Session, id_or_number: str, allowed: ColumnElement[bool]) -> Order | None:
    statement = select(Order).where(allowed).options(joinedload(Order.lines))
    try:
        statement = statement.where(Order.id == UUID(id_or_number))
    except ValueError:
        statement = statement.where(Order.number == id_or_number)
    return session.scalars(statement).unique().one_or_none()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an order is: a user's, a guest's as long as their token opens it, both, or nobody's any more."""

    user_id: UUID | None
    token_hash: str | None


def owners(session: Session, subjects: Collection[str]) -> Mapping[str, Owner]:
    """Whose these orders are; what is the id of no order is left out."""
    ids = [UUID(each) for each in subjects if is_id(each)]
    token = case((Order.placed_at > func.now() - OPEN_TO_TOKEN_FOR, Order.guest_token_hash))
    rows = session.execute(select(Order.id, Order.user_id, token).where(Order.id.in_(ids))) if ids else ()
    return {str(order_id): Owner(user_id, token_hash) for order_id, user_id, token_hash in rows}


def ids_of_buyer(buyer: Party) -> Select[str]:
    """The buyer's orders, for a statement that asks for facts about them: their ids as text."""
    return select(cast(Order.id, Text)).where(_own(buyer))


def cart_of_lines(session: Session, order_id: UUID) -> UUID | None:
    """The cart that the order's lines lie in until they are bought: its own, or what this was merged into."""
    return session.scalar(select(lies_in()).where(Order.id == order_id))


def standing_in_cart(session: Session, cart_id: UUID, *, fingerprint: str) -> Order | None:
    """The order that lines of a cart stand for already: its open one, else one that was bought from it.

    What was bought leaves the cart a moment after the payment; the order stands here until then.
    """
    return session.scalars(_standing(), {"in_cart": cart_id, "fingerprint": fingerprint}).first()


@cache
def _standing() -> Select[Order]:
    in_cart = bindparam("in_cart", type_=Uuid)
    of_cart = or_(Order.cart_id == in_cart, Order.joined_cart_id == in_cart)
    statement = select(Order).where(of_cart, Order.status != CANCELLED)
    # A merged cart may have two that are open.
    is_same = Order.cart_fingerprint == bindparam("fingerprint")
    pending_first = (Order.status == PENDING).desc(), is_same.desc(), Order.placed_at.desc()
    return statement.order_by(*pending_first).limit(1)
