"""Amounts as people read them, and which of them can be charged."""

from sandbox.stripe.errors import malformed

# Where the smallest unit is not a hundredth; all other currencies have two decimals.
WITHOUT_DECIMALS = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof",
    "xpf",
})  # fmt: skip
WITH_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Two decimals that have to be 00: docs.stripe.com/currencies#special-cases.
WHOLE_UNITS = frozenset({"isk", "ugx"})


def shown_amount(amount: int, currency: str) -> str:
    """Minor units as a price: 1999 usd is 19.99 USD."""
    decimals = 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE_DECIMALS else 2
    return f"{amount / 10**decimals:,.{decimals}f} {currency.upper()}"


def refuse_fractions(amount: int, currency: str, *, param: str) -> None:
    """Raise for an amount that has to be a multiple of 10 in this currency, or of 100, and is not."""
    step = 100 if currency in WHOLE_UNITS else 10 if currency in WITH_THREE_DECIMALS else 1
    if amount % step:
        raise malformed(
            f"Invalid amount. Charged amounts in {currency} must be evenly divisible by {step}.",
            code="invalid_charge_amount_no_decimal_compatible",
            param=param,
        )
