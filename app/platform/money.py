"""Money as whole minor units. Which currencies have none or three decimals is Stripe's list.

Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Three-decimal currencies".
"""

from collections.abc import Sequence
from dataclasses import dataclass

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"}
    | {"PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
LARGEST_AMOUNT = 99_999_999
"""Stripe's largest charge: eight digits of minor units (docs.stripe.com/api/payment_intents/create)."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of minor units in one currency. Two currencies are never added: ValueError."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

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


def share(amount: int, basis_points: int) -> int:
    """`basis_points` ten-thousandths of an amount (not negative), half a unit rounded up."""
    return (amount * basis_points + 5_000) // 10_000


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` (not negative, not all zero) without losing a unit.

    The units that rounding leaves over go to the largest remainders, the first of equals before the others.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
