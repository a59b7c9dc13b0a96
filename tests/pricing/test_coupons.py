"""What a coupon takes off a purchase."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.platform.ids import new_id
from app.platform.money import Money
from app.pricing.models import Coupon
from app.pricing.services import FlatShipping, Item, Rules, SingleTaxRate, coupons, quote
from app.pricing.services.coupons import Applied, Buying, Piece
from app.pricing.services.coupons.giving import taken_off
from app.pricing.services.facts import Discount
from app.pricing.services.taxes import ZonedTax
from tests.coupons import CODE, make_coupon
from tests.database import rows
from tests.factories import MadeProduct, make_category, make_product
from tests.sales import make_sale

RULES = Rules("USD", FlatShipping(499, "USD"), SingleTaxRate(800))
prices = st.integers(min_value=0, max_value=999_999)
lots = st.builds(Item, prices, st.integers(min_value=1, max_value=99), st.just(0))
kinds: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(dict, kind=st.just("percentage"), basis_points=st.integers(1, 10_000)),
    st.builds(dict, kind=st.just("amount"), amount=st.integers(1, 99_999_999)),
    st.just({"kind": "free_shipping"}),
)


def apply(session: Session, pieces: Sequence[Piece]) -> Applied:
    return coupons.apply(session, CODE, Buying(pieces, "USD", new_id(), None))


def piece(product: MadeProduct, amount: int) -> Piece:
    return Piece(product.id, product.seller_id, amount)


@settings(max_examples=200, deadline=None)
@given(st.lists(lots, min_size=1, max_size=8), kinds)
def test_not_a_unit_is_lost_between_coupon_lines_and_total(items: list[Item], values: dict[str, Any]) -> None:
    coupon, whole = Coupon(**values), sum(item.subtotal for item in items)
    lines = (
        taken_off(coupon, [item.subtotal for item in items], coupon.currency or "USD")
        if whole
        else (0,) * len(items)
    )
    discount = Applied(new_id(), CODE, coupon.kind, lines).discount(shipping=499)

    totals = quote(items, rules=RULES, destination=None, method_code="standard", discount=discount)

    off = {
        "percentage": (whole * (coupon.basis_points or 0) + 5_000) // 10_000,
        "amount": min(coupon.amount or 0, whole),
        "free_shipping": 0,
    }[coupon.kind]
    shipping = 499 if coupon.kind == "free_shipping" else 0
    assert [line.discount for line in totals.lines] == list(lines)
    assert sum(lines) == off
    assert all(0 <= taken <= item.subtotal for taken, item in zip(lines, items, strict=True))
    assert (totals.discount, totals.shipping_discount) == (off + shipping, shipping)
    assert totals.total == whole + 499 - off - shipping + totals.tax


def test_what_a_coupon_makes_free_is_free_for_who_is_exempt_from_a_contained_tax() -> None:
    zone = {"is_default": True, "prices_include_tax": True, "exempts_tax_numbers": True}
    tax = ZonedTax([zone | {"rates": {"standard": 1900}, "shipping_category": None}])

    totals = quote(
        [Item(102, 9, 0)],
        rules=Rules("EUR", FlatShipping(0, "EUR"), tax),
        destination=None,
        method_code=None,
        discount=Discount((918,)),
        tax_number="DE136695976",
    )

    # 1.02 less 0.16, nine times; 9.18 less 1.47 is three cents less than that.
    assert (totals.subtotal, totals.discount, totals.total) == (774, 774, 0)


def test_only_what_the_coupon_is_for_gets_cheaper_and_counts_for_its_minimum(session: Session) -> None:
    garden = make_category(session)
    chairs = make_category(session, "Chairs", parent_id=garden)
    chair, lamp = make_product(session, category_id=chairs), make_product(session)
    pieces = [piece(chair, 1001), piece(lamp, 3000), piece(chair, 500)]

    for scope, ids in {
        "categories": [garden],
        "products": [chair.id],
        "sellers": [chair.seller_id],
    }.items():
        coupon = make_coupon(session, scope=scope, scope_ids=ids, minimum=Money(1501, "USD"))
        assert apply(session, pieces).lines == (100, 0, 50), scope
        session.delete(coupon)
        session.flush()


def test_an_amount_is_split_by_what_the_lines_cost(session: Session) -> None:
    first, second, third = (make_product(session) for _ in range(3))
    make_coupon(session, kind="amount", amount=Money(100, "USD"))

    applied = apply(session, [piece(first, 1), piece(second, 1), piece(third, 1)])
    larger = apply(session, [piece(first, 1000), piece(second, 1000), piece(third, 1000)])

    assert (applied.lines, larger.lines) == ((1, 1, 1), (34, 33, 33))


def test_whatever_a_guest_bought_is_forgotten_with_their_order_and_still_counted(session: Session) -> None:
    coupon, sale = make_coupon(session, customer_limit=1), make_sale(session)
    guest = coupons.customer_of(user_id=None, email="guest@example.com")
    coupons.reserve(
        session,
        coupon_id=coupon.id,
        order_id=sale.order_id,
        cart_id=new_id(),
        customer=guest,
        discount=Money(200, "USD"),
    )
    coupons.use(session, order_id=sale.order_id)

    for _ in range(2):
        coupons.forget_customer(session, order_id=sale.order_id)

    assert rows("SELECT customer, status FROM coupon_uses", session) == [(None, "used")]
    assert rows("SELECT reserved, used FROM coupons", session) == [(0, 1)]
    assert rows("SELECT count(*) FROM coupon_customers", session) == [(0,)]
    coupons.release_all(session, [sale.order_id])
    assert rows("SELECT reserved, used FROM coupons", session) == [(0, 0)]
