"""The numbers by which tax offices know businesses. Their format is checked; whose they are, nobody asks."""

from stdnum import get_cc_module
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from app.platform.errors import Invalid

PREFIXES = {"GR": "EL"}
"""Of countries of the European Union, whose numbers begin with another word than their code."""


def tax_number_of(country: str, number: str) -> str:
    """The number as its tax office writes it, without blanks; in the European Union with its prefix.

    Raises Invalid for one that cannot be of this country, and for a country whose numbers are not known.
    """
    numbers = get_cc_module(country, "vat")
    if numbers is None:
        raise _invalid(f"Numbers of {country} cannot be checked: leave it out.")
    try:
        plain: str = numbers.validate(number)
    except ValidationError:
        raise _invalid(f"This cannot be a tax number of {country}, the billing address's country.") from None
    if country.lower() not in vat.MEMBER_STATES:
        return plain
    prefix = PREFIXES.get(country, country)
    return prefix + plain.removeprefix(prefix)


def _invalid(advice: str) -> Invalid:
    return Invalid("The tax number cannot be right.", errors={"tax_number": [advice]})
