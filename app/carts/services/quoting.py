"""What it costs to have a cart delivered, and when it comes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.carts.queries import cart_with_items, items_of, on_sale, owned, tried_coupon
from app.catalog.queries.lead_times import ready_on
from app.platform.db import Json, now
from app.platform.party import Party
from app.platform.working_days import WorkingDays
from app.pricing.services import (
    NO_DISCOUNT,
    Destination,
    Item,
    Rules,
    ShippingMethod,
    quote,
    shipping_methods,
    totals_answer,
)
from app.pricing.services.coupons import Tried


@dataclass(frozen=True, slots=True)
class QuotedMethod:
    """A way to deliver a cart, what the cart comes to, and the days between which it comes.

    The last day is None if nobody can say.
    """

    method: ShippingMethod
    totals: Json
    earliest_delivery: date
    latest_delivery: date | None


def shipping_quotes(
    session: Session, owner: Party, rules: Rules, *, to: Destination, working_days: WorkingDays
) -> list[QuotedMethod]:
    """The ways to deliver what the owner's cart has on sale, the cheapest first, if it is ordered now.

    The coupon in the cart counts, as far as it can be used. An empty cart has none. Writes nothing.
    """
    column, value = owned(owner)
    rows = [row for row in session.execute(cart_with_items(column), value) if row.id is not None]
    sold = [(offer, row.quantity) for row in rows if (offer := on_sale(row, row.currency))]
    if not sold:
        return []
    local = working_days.local(now(session))
    product_ids = {offer.product_id for offer, _ in sold}
    ready = ready_on(session, product_ids, local=local, working_days=working_days)
    coupon = tried_coupon(session, rows[0], owner, sold)
    items = items_of(sold)
    priced = replace(rules, currency=rows[0].currency)
    methods = shipping_methods(items, rules=priced, destination=to)
    return [
        _dated(method, _totals(items, priced, to, method, coupon), ready, working_days) for method in methods
    ]


def _totals(
    items: Sequence[Item], rules: Rules, to: Destination, method: ShippingMethod, coupon: Tried | None
) -> Json:
    discount = coupon.discount(shipping=method.price_amount) if coupon else NO_DISCOUNT
    totals = quote(items, rules=rules, destination=to, method_code=method.code, discount=discount)
    return totals_answer(totals)


def _dated(method: ShippingMethod, totals: Json, ready: date, working_days: WorkingDays) -> QuotedMethod:
    most = method.most_days
    latest = None if most is None else working_days.after(ready, most)
    return QuotedMethod(method, totals, working_days.after(ready, method.fewest_days), latest)
