"""Values that objects of many kinds have, checked as Stripe checks them."""

import re

from sandbox.stripe.errors import malformed

ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_KEYS, LONGEST_NAME, LONGEST_VALUE = 50, 40, 500


def check_email(given: str | None, param: str) -> None:
    """Raise Refusal for what is no e-mail address; nothing and the empty value are fine."""
    if given and not EMAIL.fullmatch(given):
        raise malformed(f"Invalid email address: {given}", code="email_invalid", param=param)


def merged_metadata(present: dict[str, str], given: dict[str, str] | str) -> dict[str, str]:
    """The present metadata with the given keys over it; an empty value unsets its key, an empty whole all."""
    if isinstance(given, str):
        return {}
    merged = {name: value for name, value in {**present, **given}.items() if value}
    fits = all(len(name) <= LONGEST_NAME and len(value) <= LONGEST_VALUE for name, value in merged.items())
    if len(merged) > MOST_KEYS or not fits:
        message = (
            f"Metadata takes {MOST_KEYS} keys of {LONGEST_NAME}, and values of {LONGEST_VALUE} characters."
        )
        raise malformed(message, param="metadata")
    return merged
