"""In which language and by whose habits people are written to."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_day_names
from babel.numbers import NumberPattern, parse_pattern

from app.platform.db import Json
from app.platform.money import Money, decimals

DEFAULT_LANGUAGE = "en"
LANGUAGES = (DEFAULT_LANGUAGE, "de")
"""The languages that messages are written in; a further one needs its translations."""

MOST_TAGS, LONGEST_TAG = 8, 20

_LETTER_THEN_DIGIT = re.compile(r"(?<=[A-Z])(?=\d)")


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The locale of a tag like de-AT: its language, or English if we do not speak it; its region if known."""
    language, _, region = tag.partition("-")
    if language not in LANGUAGES:
        return Locale(DEFAULT_LANGUAGE)
    try:
        return Locale.parse(f"{language}_{region}" if region else language)
    except (UnknownLocaleError, ValueError):
        return Locale(language)


def best_of(accepted: Iterable[tuple[str, float]]) -> str:
    """The tag like de-AT that messages follow, of those accepted with their quality, best first.

    English when none is of a language that we speak.
    """
    for tag, quality in list(accepted)[:MOST_TAGS]:
        if quality > 0 and len(tag) <= LONGEST_TAG and tag.partition("-")[0].lower() in LANGUAGES:
            language, _, region = tag.partition("-")
            return str(locale_of(f"{language.lower()}-{region.upper()}".rstrip("-"))).replace("_", "-")
    return DEFAULT_LANGUAGE


def in_words(money: Money, locale: Locale) -> str:
    """An amount as people there write it: $1,234.50, 1.234,50 €, with the decimals that are charged."""
    digits = decimals(money.currency)
    value = Decimal(money.amount).scaleb(-digits)
    text = _pattern(locale, digits).apply(value, locale, currency=money.currency, currency_digits=False)
    return _LETTER_THEN_DIGIT.sub("\u00a0", text)


def long_day(day: date, locale: Locale) -> str:
    """A day as people there write it: November 21, 2026."""
    return format_date(day, format="long", locale=locale)


def short_weekday(number: int, locale: Locale) -> str:
    """A day of the week as people there write it short: Mon for 0."""
    return str(get_day_names("abbreviated", locale=locale)[number])


def postal_lines(address: Json, locale: Locale) -> list[str]:
    """The lines of an address, from the name to the country, which is called as people there call it."""
    town = " ".join(filter(None, (address["postal_code"], address["city"])))
    named = [address[name] for name in ("name", "company", "line1", "line2")]
    country = locale.territories.get(address["country"], address["country"])
    return [line for line in (*named, town, address["region"], country) if line]


@lru_cache(maxsize=64)
def _pattern(locale: Locale, digits: int) -> NumberPattern:
    # A copy: Babel's own is shared, and has the decimals of most currencies, not of this one.
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern
