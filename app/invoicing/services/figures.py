"""Amounts, days and rates as a locale writes them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from app.platform.money import decimals

MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Figures:
    """By which rules figures are written, and in which currency."""

    locale: Locale
    currency: str

    def amount(self, units: int) -> str:
        """Minor units as a number with the currency's decimals: 1,234.50."""
        digits = decimals(self.currency)
        value = Decimal(units).scaleb(-digits)
        return format_decimal(value, format=_plain(digits), locale=self.locale).replace("-", MINUS)

    def money(self, units: int) -> str:
        """The same with the currency: USD 1,234.50."""
        return f"{self.currency}\u00a0{self.amount(units)}"

    def rate(self, basis_points: Decimal) -> str:
        """Ten-thousandths as percent, with as many decimals as it has: 8.875 %."""
        return f"{format_decimal(basis_points / 100, format='#,##0.#####', locale=self.locale)}\u00a0%"

    def day(self, day: date) -> str:
        """A day: Nov 21, 2026, or 21.11.2026."""
        return format_date(day, format="medium", locale=self.locale)


def _plain(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")
