"""What credit notes take back of an invoice, to the unit."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from app.invoicing.services.parts import Part, Rate, by_rate, credit, left_of, parts_from, taken_back


def part(key: str, gross: int, tax: int, rate: int = 800) -> Part:
    return Part(
        key=key,
        name=key,
        sku=None,
        quantity=1,
        price=gross,
        discount=0,
        gross=gross,
        tax=tax,
        basis_points=Decimal(rate),
    )


CHARGED = some.integers(0, 100_000).flatmap(
    lambda gross: some.tuples(some.just(gross), some.integers(0, gross))
)
INVOICES = some.lists(CHARGED, min_size=1, max_size=6).map(
    lambda charged: [part(str(place), gross, tax) for place, (gross, tax) in enumerate(charged)]
)
REFUNDS = some.lists(some.tuples(some.integers(1, 60_000), some.sets(some.integers(0, 5))), max_size=8)


@settings(max_examples=60, deadline=None)
@given(INVOICES, REFUNDS)
def test_credit_notes_take_back_each_refund_and_in_the_end_the_invoice_with_its_tax(
    invoice: list[Part], refunds: list[tuple[int, set[int]]]
) -> None:
    credited: list[Part] = []
    total = sum(each.gross for each in invoice)
    for amount, places in [*refunds, (total + 1, set())]:
        left = left_of(invoice, credited)
        wanted = {each.key: each.gross for each in invoice if int(each.key) in places}

        shares = credit(amount, left, wanted=wanted)

        assert sum(gross for gross, _ in shares) == min(amount, sum(each.gross for each in left))
        assert all(
            0 <= tax <= each.tax and 0 <= gross - tax <= each.gross - each.tax
            for (gross, tax), each in zip(shares, left, strict=True)
        )
        credited += [part(each.key, *share) for each, share in zip(invoice, shares, strict=True)]
    assert {(each.gross, each.tax) for each in left_of(invoice, credited)} == {(0, 0)}


def test_what_a_refund_is_for_goes_back_before_the_rest() -> None:
    lines = [part("chair", 1080, 80), part("lamp", 2160, 160), part("shipping", 539, 40)]

    assert credit(1080, lines, wanted={"chair": 1080}) == [(1080, 80), (0, 0), (0, 0)]
    assert credit(540, lines, wanted={"chair": 1080}) == [(540, 40), (0, 0), (0, 0)]
    assert credit(1620, lines, wanted={"chair": 1080}) == [(1080, 80), (432, 32), (108, 8)]


def test_money_goes_back_in_the_steps_that_its_currency_is_charged_in() -> None:
    kwd = [part("tea", 9_230, 1_480, 1900), part("cup", 20_000, 3_190, 1900)]
    older = [part("tea", 9_235, 1_475, 1900)]

    assert credit(4_620, kwd, wanted={"tea": 9_230}, step=10) == [(4_620, 740), (0, 0)]
    assert credit(1_000, kwd, wanted={}, step=10) == [(320, 50), (680, 110)]
    assert credit(1_000, older, wanted={}, step=10) == [(1_000, 160)]


def test_what_is_frozen_is_read_again_with_its_rate() -> None:
    exact = replace(part("chair", 1089, 89), basis_points=Decimal("887.5"))

    assert parts_from([exact.as_json()]) == [exact]
    assert exact.as_json()["basis_points"] == "887.5"


def test_the_sums_of_each_rate_come_to_the_whole() -> None:
    lines = [part("a", 1190, 190, 1900), part("b", 107, 7, 700), part("c", 595, 95, 1900)]

    assert by_rate(lines) == [Rate(Decimal(1900), 1500, 285), Rate(Decimal(700), 100, 7)]


def test_units_are_told_with_price_and_discount_as_far_as_these_explain_what_goes_back() -> None:
    chairs = replace(part("chair", 2916, 216), quantity=3, price=1000, discount=300)

    one = taken_back(chairs, 972, 72, units=1, includes_tax=False)
    fee = taken_back(chairs, 500, 37, units=1, includes_tax=False)
    more = taken_back(chairs, 1200, 89, units=1, includes_tax=False)
    rest = taken_back(chairs, 972, 72, units=None, includes_tax=False)

    assert [(each.quantity, each.price, each.discount) for each in (one, fee, more, rest)] == [
        (1, 1000, 100),
        (1, None, 0),
        (1, None, 0),
        (None, None, 0),
    ]
