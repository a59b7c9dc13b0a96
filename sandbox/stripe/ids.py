import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """A fresh id in Stripe's form: the prefix of its kind and 24 letters and digits that nobody can guess."""
    return f"{prefix}_{new_token(24)}"


def new_token(length: int) -> str:
    """Random letters and digits, fit for a secret."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
