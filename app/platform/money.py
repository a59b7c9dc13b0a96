"""Money as whole minor units. Which currencies have none or three decimals is Stripe's list.

Source: docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special cases".
Where the last two disagree with the first, as about UGX, the special case counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"}
    | {"PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
STEPS = {"ISK": 100, "UGX": 100} | dict.fromkeys(THREE_DECIMAL, 10)
"""Amounts that are charged or given back have to be multiples of these."""
LARGEST_AMOUNT = 99_999_999
"""Stripe's largest charge: eight digits of minor units (docs.stripe.com/api/payment_intents/create)."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of minor units in one currency."""

    amount: int
    currency: str

    def __str__(self) -> str:
        """For people: 19.99 USD, 500 JPY, 1.250 KWD."""
        digits = decimals(self.currency)
        if digits == 0:
            return f"{self.amount} {self.currency}"
        sign, units = ("-", -self.amount) if self.amount < 0 else ("", self.amount)
        return f"{sign}{units // 10**digits}.{units % 10**digits:0{digits}d} {self.currency}"


def decimals(currency: str) -> int:
    """How many decimals the currency's amounts are written with."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """What every amount of the currency is a multiple of: 1 minor unit, or more where Stripe wants that."""
    return STEPS.get(currency, 1)


def share(amount: int, basis_points: int | Decimal, *, step: int = 1) -> int:
    """`basis_points` ten-thousandths of an amount (not negative) in whole steps, half a step rounded up."""
    return step * int((amount * basis_points + 5_000 * step) // (10_000 * step))


def percent(basis_points: Decimal) -> str:
    """A rate in ten-thousandths as people write it: 8.875 for 887.5, without the sign."""
    return f"{(basis_points / 100).normalize():f}"


def contained(amount: int, basis_points: int | Decimal, *, step: int = 1) -> int:
    """What of an amount (not negative) was added to the rest at this rate; rounded as by `share`."""
    whole = 10_000 + basis_points
    return step * int((2 * amount * basis_points + step * whole) // (2 * step * whole))


def allocate(total: int, weights: Sequence[int], *, step: int = 1) -> list[int]:
    """Split `total` in proportion to `weights` (not negative, not all zero) without losing a unit.

    Whole steps are dealt out: those that rounding leaves over go to the largest remainders, the first of
    equals before the others. What is left of a total that is no multiple of the step goes to the heaviest.
    """
    whole, (steps, rest) = sum(weights), divmod(total, step)
    shares = [steps * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(steps * weights[i] % whole), i))
    for i in by_remainder[: steps - sum(shares)]:
        shares[i] += 1
    parts = [step * each for each in shares]
    parts[weights.index(max(weights))] += rest
    return parts
