"""How strong secrets are: what somebody typed instead of having it drawn is refused."""

from urllib.parse import parse_qs, urlsplit

SHORTEST_SECRET = 32
SHORTEST_PASSWORD = 16
FEWEST_CHARACTERS = 8
"""Different ones; a random text of 16 has about twice as many."""
TELLTALES = ("secret", "change", "passw", "example", "default", "production", "placeholder")
"""Words of those who meant to draw one later. A random text of 40 has one of them once in a million."""


def is_weak(secret: str, least: int = SHORTEST_SECRET) -> bool:
    """Whether a secret is too short, of few characters, a repetition, or says itself that it is none."""
    is_repetition = secret in (secret + secret)[1:-1]
    says_so = any(word in secret.lower() for word in TELLTALES)
    return len(secret) < least or len(set(secret)) < FEWEST_CHARACTERS or is_repetition or says_so


def passwords_in(url: str) -> list[str]:
    """The passwords that a URL brings, before its host or as a parameter."""
    parts = urlsplit(url)
    return [*([parts.password] if parts.password else []), *parse_qs(parts.query).get("password", [])]
