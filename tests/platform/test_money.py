from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.environment import Environment, SettingError
from app.platform.money import THREE_DECIMAL, ZERO_DECIMAL, Money, allocate, contained, decimals, share, step

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(total=st.integers(0, 10**12), weights=WEIGHTS)
def test_splitting_loses_no_unit_and_is_off_by_less_than_one(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)

    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(total=st.integers(0, 10**6), weights=WEIGHTS)
def test_who_weighs_more_never_gets_less(total: int, weights: list[int]) -> None:
    by_weight = sorted(zip(weights, allocate(total, weights), strict=True))

    for (light, less), (heavy, more) in pairwise(by_weight):
        assert less <= more or light == heavy


def test_of_equals_the_first_gets_the_unit_left_over() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(1, [0, 5, 5]) == [0, 1, 0]


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1999, "USD"), "19.99 USD"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(500, "JPY"), "500 JPY"),
        (Money(-500, "KRW"), "-500 KRW"),
        (Money(1250, "KWD"), "1.250 KWD"),
        (Money(0, "USD"), "0.00 USD"),
    ],
)
def test_an_amount_is_written_with_the_decimals_of_its_currency(money: Money, written: str) -> None:
    assert str(money) == written


def test_a_currency_has_one_number_of_decimals() -> None:
    assert ZERO_DECIMAL.isdisjoint(THREE_DECIMAL)
    assert (decimals("JPY"), decimals("USD"), decimals("BHD")) == (0, 2, 3)


def test_amounts_are_in_the_steps_that_can_be_charged() -> None:
    assert [step(currency) for currency in ("USD", "JPY", "KWD", "ISK", "UGX")] == [1, 1, 10, 100, 100]
    assert [share(amount, 1_000, step=10) for amount in (40, 50, 150, 149)] == [0, 10, 20, 10]
    assert [contained(amount, 2_500, step=10) for amount in (20, 30, 100)] == [0, 10, 20]


@given(steps=st.integers(0, 10**6), rest=st.integers(0, 9), weights=WEIGHTS, least=st.sampled_from((10, 100)))
def test_splitting_into_steps_loses_nothing_either(
    steps: int, rest: int, weights: list[int], least: int
) -> None:
    parts = allocate(steps * least + rest, weights, step=least)

    assert sum(parts) == steps * least + rest
    assert [part % least for part in parts if part % least] == ([rest] if rest else [])


@pytest.mark.parametrize(
    ("amount", "basis_points", "part"), [(1000, 800, 80), (1, 5000, 1), (1, 4999, 0), (0, 800, 0)]
)
def test_a_share_rounds_half_a_unit_up(amount: int, basis_points: int, part: int) -> None:
    assert share(amount, basis_points) == part


def test_no_setting_is_a_currency_or_an_amount_that_cannot_be_charged() -> None:
    env = Environment({"FLAT": "499", "MORE": "JPY, KWD,USD", "BAD": "yen"})

    assert env.amount("FLAT", 0, currency="USD") == 499
    assert env.currencies("OTHERS", "USD") == ("USD",)
    with pytest.raises(SettingError, match=r"^FLAT must be a multiple of 10 in KWD\.$"):
        env.amount("FLAT", 0, currency="KWD")
    assert env.currencies("MORE", "USD") == ("USD", "JPY", "KWD")
    with pytest.raises(SettingError, match=r"^BAD must be currency codes"):
        env.currencies("BAD", "USD")
