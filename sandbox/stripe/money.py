"""Amounts as people read them."""

# Where the smallest unit is not a hundredth; all other currencies have two decimals.
WITHOUT_DECIMALS = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf",
    "xof", "xpf",
})  # fmt: skip
WITH_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def shown_amount(amount: int, currency: str) -> str:
    """Minor units as a price: 1999 usd is 19.99 USD."""
    decimals = 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE_DECIMALS else 2
    return f"{amount / 10**decimals:,.{decimals}f} {currency.upper()}"
