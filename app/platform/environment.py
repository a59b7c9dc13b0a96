"""Reading settings from an environment that is handed in; every complaint names the setting."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from app.platform.money import step
from app.platform.strength import SHORTEST_PASSWORD, SHORTEST_SECRET, is_weak, passwords_in

ENVIRONMENTS = ("development", "staging", "production")
SHORTEST_SIGNING_SECRET = 24
SHORTEST_STRIPE_KEY = 24
SHORTEST_LEASE = 25
SHORTEST_SESSION_HOLD, LONGEST_SESSION_HOLD = 35 * 60, 23 * 3600
SEARCH_LANGUAGES = (
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "hungarian",
    "italian",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "simple",
    "spanish",
    "swedish",
    "turkish",
)
"""Whose words PostgreSQL reduces to their stems; `simple` leaves every word as it is."""


class SettingError(Exception):
    """A setting is missing or malformed; the text is one line for the person who starts the process."""


class Environment:
    """The environment with typed reading; every complaint names the setting."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.app_env = self.choice("APP_ENV", ENVIRONMENTS, "production")

    def optional(self, name: str) -> str | None:
        """The value, or None when it is missing or blank."""
        return self._values.get(name, "").strip() or None

    def text(self, name: str, default: str | None = None) -> str:
        """The value, or the default; without one it must be there."""
        value = self.optional(name) or default
        if value is None:
            raise SettingError(f"{name} is missing: set it in the environment.")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of the allowed values."""
        value = self.text(name, default)
        if value not in allowed:
            raise SettingError(f"{name} must be one of {', '.join(allowed)}.")
        return value

    def language(self, name: str, default: str) -> str:
        """A language that search knows."""
        return self.choice(name, SEARCH_LANGUAGES, default)

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        """A whole number within bounds."""
        text = self.text(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise SettingError(f"{name} must be a whole number from {least} to {most}.")
        return int(text)

    def share(self, name: str, default: str) -> float:
        """A number from 0 to 1."""
        try:
            value = float(self.text(name, default))
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise SettingError(f"{name} must be a number from 0 to 1.")
        return value

    def seconds(self, name: str, default: float) -> timedelta:
        """A duration, given in seconds."""
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 < value < 10**9:
            raise SettingError(f"{name} must be a number of seconds greater than 0.")
        return timedelta(seconds=value)

    def lease(self, name: str, default: float) -> timedelta:
        """Longer than the longest work that is not renewed, except where tests want it over soon."""
        value = self.seconds(name, default)
        if self.app_env != "development" and value.total_seconds() < SHORTEST_LEASE:
            raise SettingError(f"{name} must be at least {SHORTEST_LEASE} seconds.")
        return value

    def session_hold(self, name: str, default: float) -> timedelta:
        """As long as Stripe keeps a session, and long enough for a retried call to be in time."""
        value = self.seconds(name, default)
        if not SHORTEST_SESSION_HOLD <= value.total_seconds() <= LONGEST_SESSION_HOLD:
            raise SettingError(
                f"{name} must be from {SHORTEST_SESSION_HOLD} to {LONGEST_SESSION_HOLD} seconds."
            )
        return value

    def sender(self, name: str) -> str:
        """A mail address, with or without a name."""
        value = self.text(name)
        local, _, domain = parseaddr(value)[1].rpartition("@")
        if not local or not domain:
            raise SettingError(f"{name} must be a mail address, like Shop <shop@example.com>.")
        return value

    def public_url(self, name: str, default: str) -> str:
        """An address outside of the house: by https in production."""
        value = self.url(name, ("http", "https"), default).rstrip("/")
        if self.app_env == "production" and not value.startswith("https://"):
            raise SettingError(f"{name} must start with https:// in production.")
        return value

    def boolean(self, name: str, default: str) -> bool:
        """`true` or `false`."""
        return self.choice(name, ("true", "false"), default) == "true"

    def url(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        """A URL with a host and one of these schemes."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            complete = parts.scheme in schemes and bool(parts.hostname)
            _ = parts.port  # raises for a port that is no number
        except ValueError:
            complete = False
        if not complete:
            starts = " or ".join(f"{scheme}://" for scheme in schemes)
            raise SettingError(f"{name} must be a URL that starts with {starts}.")
        return value

    def redis(self, name: str, schemes: tuple[str, ...]) -> str:
        """A Redis or another broker; in production with a password, encrypted unless REDIS_TLS is false."""
        value = self.url(name, schemes)
        wanted = self.boolean("REDIS_TLS", "true" if self.app_env == "production" else "false")
        if wanted and not value.startswith(("rediss://", "amqps://")):
            raise SettingError(
                f"{name} must start with rediss:// or amqps://, or REDIS_TLS be false where nobody listens."
            )
        if self.app_env == "production" and not passwords_in(value):
            raise SettingError(f"{name} must have a password in production.")
        self._refuse_weak_passwords(name, value)
        return value

    def origins(self, name: str) -> frozenset[str]:
        """Web origins, separated by commas: a scheme and a host, and nothing behind it."""
        origins = frozenset(each.strip() for each in (self.optional(name) or "").split(",") if each.strip())
        schemes = ("https",) if self.app_env == "production" else ("https", "http")
        for origin in origins:
            parts = urlsplit(origin)
            plain = f"{parts.scheme}://{parts.netloc}" == origin
            if not plain or parts.scheme not in schemes or not parts.hostname:
                raise SettingError(
                    f"{name} must be origins like https://shop.example.com, separated by commas;"
                    " http:// only outside of production."
                )
        return origins

    def migrations(self, name: str, otherwise: str) -> str:
        """The database as whoever migrates it reaches it."""
        return self.database(name if self.optional(name) else otherwise)

    def refuse_debugging(self) -> None:
        """A debugger shows its visitors everything."""
        is_on = self.optional("FLASK_DEBUG") not in (None, "0", "false")
        if is_on and self.app_env == "production":
            raise SettingError("FLASK_DEBUG must be off in production.")

    def database(self, name: str) -> str:
        """PostgreSQL through psycopg 3, however the URL is spelled; in production without a weak password."""
        value = self.url(name, ("postgresql", "postgres", "postgresql+psycopg"))
        self._refuse_weak_passwords(name, value)
        return "postgresql+psycopg://" + value.split("://", 1)[1]

    def secret(self, name: str) -> str:
        """A secret; a weak one is refused outside of development."""
        return self._strong(name, self.text(name))

    def optional_secret(self, name: str) -> str | None:
        """A secret as strong as one has to be, or None."""
        value = self.optional(name)
        return None if value is None else self._strong(name, value)

    def secrets(self, name: str) -> tuple[str, ...]:
        """Secrets, separated by commas, as strong as one has to be; there may be none."""
        values = (value.strip() for value in (self.optional(name) or "").split(","))
        return tuple(self._strong(name, value) for value in values if value)

    def _strong(self, name: str, value: str) -> str:
        if self.app_env != "development" and is_weak(value):
            raise SettingError(f"{name} is too weak: use at least {SHORTEST_SECRET} random characters.")
        return value

    def _refuse_weak_passwords(self, name: str, url: str) -> None:
        weak = any(is_weak(password, SHORTEST_PASSWORD) for password in passwords_in(url))
        if self.app_env == "production" and weak:
            raise SettingError(
                f"{name} has a weak password: use at least {SHORTEST_PASSWORD} random characters."
            )

    def login(self, name: str) -> str | None:
        """`user:password`, as strong as a secret outside of development, or None."""
        value = self.optional_secret(name)
        user, _, password = (value or "").partition(":")
        if value and self.app_env != "development" and (not user or is_weak(password, SHORTEST_PASSWORD)):
            raise SettingError(
                f"{name} must be user:password, with at least {SHORTEST_PASSWORD} random characters."
            )
        return value

    def file(self, name: str) -> Path | None:
        """A file that is there, or None."""
        value = self.optional(name)
        if value is not None and not Path(value).is_file():
            raise SettingError(f"{name} must name a file; there is none of that name.")
        return Path(value) if value else None

    def stripe_key(self, name: str) -> str:
        """A secret key of Stripe that fits the environment."""
        value = self.text(name)
        if not value.startswith(("sk_", "rk_")):
            raise SettingError(f"{name} must be a secret key of Stripe, which starts with sk_ or rk_.")
        if self.app_env == "production" and not value.startswith(("sk_live_", "rk_live_")):
            raise SettingError(f"{name} is a test key: production needs a live one (or set APP_ENV=staging).")
        if self.app_env == "production" and len(value) < SHORTEST_STRIPE_KEY:
            raise SettingError(f"{name} is cut short: copy all of it.")
        if self.app_env == "development" and "_live_" in value:
            raise SettingError(f"{name} is a live key: development must not move real money.")
        return value

    def signing_secrets(self, name: str) -> tuple[str, ...]:
        """Webhook secrets, separated by commas."""
        secrets = tuple(secret.strip() for secret in self.text(name).split(",") if secret.strip())
        least = len("whsec_") + 1 if self.app_env == "development" else SHORTEST_SIGNING_SECRET
        if not secrets or not all(each.startswith("whsec_") and len(each) >= least for each in secrets):
            raise SettingError(
                f"{name} must hold signing secrets that start with whsec_, of {least} or more characters"
                " each, separated by commas."
            )
        if self.app_env != "development" and any(is_weak(each, SHORTEST_SIGNING_SECRET) for each in secrets):
            raise SettingError(f"{name} is too weak: copy what Stripe shows.")
        return secrets

    def currency(self, name: str, default: str) -> str:
        """A currency code."""
        value = self.text(name, default)
        if len(value) != 3 or not value.isascii() or not value.isupper():
            raise SettingError(f"{name} must be a currency code of three capital letters, like USD.")
        return value

    def currencies(self, name: str, own: str) -> tuple[str, ...]:
        """Currency codes with commas between them; the shop's own is the first."""
        others = [code.strip() for code in self.text(name, "").split(",") if code.strip()]
        if not all(len(code) == 3 and code.isascii() and code.isupper() for code in others):
            raise SettingError(f"{name} must be currency codes with commas between them, like EUR,JPY.")
        return tuple(dict.fromkeys((own, *others)))

    def amount(self, name: str, default: int, *, currency: str) -> int:
        """An amount of minor units that can be charged in this currency."""
        value, least = self.integer(name, default), step(currency)
        if value % least:
            raise SettingError(f"{name} must be a multiple of {least} in {currency}.")
        return value
