"""Every setting of Backroom, read from the environment in this one place.

`load()` answers a frozen `Settings` or raises `SettingError`, whose text is one line that names the setting
and says what to change. Durations are given in seconds, money in minor units, rates in basis points.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

ENVIRONMENTS = ("development", "staging", "production")
SHORTEST_SECRET = 32
SHORTEST_SIGNING_SECRET = 24
SHORTEST_LEASE = 25


class SettingError(Exception):
    """A setting is missing or malformed; the text is one line for the person who starts the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server, and how to speak to it."""

    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    timeout: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process of Backroom was told at its start."""

    app_env: str
    public_url: str
    log_level: str

    database_url: str
    database_pool_size: int
    statement_timeout: timedelta
    lock_timeout: timedelta
    idle_in_transaction_timeout: timedelta

    redis_url: str
    celery_broker_url: str
    doorbell_budget: timedelta
    ring_ahead: int
    lease: timedelta
    ring_gap: timedelta
    backoff_base: timedelta

    jwt_secret_key: str
    access_token_lifetime: timedelta
    refresh_token_lifetime: timedelta

    stripe_api_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str
    stripe_inline_timeout: timedelta
    stripe_timeout: timedelta
    stripe_inline_calls: int

    currency: str
    shipping_flat_amount: int
    tax_basis_points: int
    reservation_hold: timedelta
    card_processing_hold: timedelta
    bank_processing_hold: timedelta
    longest_hold: timedelta

    smtp: Smtp
    mail_from: str


class _Environment:
    """The environment with typed reading; every complaint names the setting."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.app_env = self.choice("APP_ENV", ENVIRONMENTS, "production")

    def optional(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def text(self, name: str, default: str | None = None) -> str:
        value = self.optional(name) or default
        if value is None:
            raise SettingError(f"{name} is missing: set it in the environment.")
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingError(f"{name} must be one of {', '.join(allowed)}.")
        return value

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise SettingError(f"{name} must be a whole number from {least} to {most}.")
        return int(text)

    def seconds(self, name: str, default: float) -> timedelta:
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

    def sender(self, name: str) -> str:
        value = self.text(name)
        local, _, domain = parseaddr(value)[1].rpartition("@")
        if not local or not domain:
            raise SettingError(f"{name} must be a mail address, like Shop <shop@example.com>.")
        return value

    def public_url(self, name: str, default: str) -> str:
        value = self.url(name, ("http", "https"), default).rstrip("/")
        if self.app_env == "production" and not value.startswith("https://"):
            raise SettingError(f"{name} must start with https:// in production.")
        return value

    def boolean(self, name: str, default: str) -> bool:
        return self.choice(name, ("true", "false"), default) == "true"

    def url(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
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

    def database(self, name: str) -> str:
        """PostgreSQL through psycopg 3, however the URL is spelled."""
        value = self.url(name, ("postgresql", "postgres", "postgresql+psycopg"))
        return "postgresql+psycopg://" + value.split("://", 1)[1]

    def secret(self, name: str) -> str:
        value = self.text(name)
        if self.app_env != "development" and (len(value) < SHORTEST_SECRET or len(set(value)) < 8):
            raise SettingError(f"{name} is too weak: use at least {SHORTEST_SECRET} random characters.")
        return value

    def stripe_key(self, name: str) -> str:
        value = self.text(name)
        if not value.startswith(("sk_", "rk_")):
            raise SettingError(f"{name} must be a secret key of Stripe, which starts with sk_ or rk_.")
        if self.app_env == "production" and not value.startswith(("sk_live_", "rk_live_")):
            raise SettingError(f"{name} is a test key: production needs a live one (or set APP_ENV=staging).")
        if self.app_env == "development" and "_live_" in value:
            raise SettingError(f"{name} is a live key: development must not move real money.")
        return value

    def signing_secrets(self, name: str) -> tuple[str, ...]:
        secrets = tuple(secret.strip() for secret in self.text(name).split(",") if secret.strip())
        least = len("whsec_") + 1 if self.app_env == "development" else SHORTEST_SIGNING_SECRET
        if not secrets or not all(each.startswith("whsec_") and len(each) >= least for each in secrets):
            raise SettingError(
                f"{name} must hold signing secrets that start with whsec_, of {least} or more characters"
                " each, separated by commas."
            )
        return secrets

    def currency(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if len(value) != 3 or not value.isascii() or not value.isupper():
            raise SettingError(f"{name} must be a currency code of three capital letters, like USD.")
        return value


def load(values: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises SettingError at the first that is missing or malformed."""
    env = _Environment(values)
    redis = ("redis", "rediss")
    return Settings(
        app_env=env.app_env,
        public_url=env.public_url("PUBLIC_URL", "http://127.0.0.1:8000"),
        log_level=env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        database_url=env.database("DATABASE_URL"),
        database_pool_size=env.integer("DATABASE_POOL_SIZE", 10, least=1),
        statement_timeout=env.seconds("STATEMENT_TIMEOUT", 15),
        lock_timeout=env.seconds("LOCK_TIMEOUT", 3),
        idle_in_transaction_timeout=env.seconds("IDLE_IN_TRANSACTION_TIMEOUT", 30),
        redis_url=env.url("REDIS_URL", redis),
        celery_broker_url=env.url("CELERY_BROKER_URL", (*redis, "sentinel", "amqp", "amqps")),
        doorbell_budget=env.seconds("DOORBELL_BUDGET", 0.3),
        ring_ahead=env.integer("RING_AHEAD", 40, least=1),
        lease=env.lease("LEASE", 30),
        ring_gap=env.seconds("RING_GAP", 4),
        backoff_base=env.seconds("BACKOFF_BASE", 2),
        jwt_secret_key=env.secret("JWT_SECRET_KEY"),
        access_token_lifetime=env.seconds("ACCESS_TOKEN_LIFETIME", 15 * 60),
        refresh_token_lifetime=env.seconds("REFRESH_TOKEN_LIFETIME", 30 * 24 * 3600),
        stripe_api_key=env.stripe_key("STRIPE_API_KEY"),
        stripe_webhook_secrets=env.signing_secrets("STRIPE_WEBHOOK_SECRET"),
        stripe_api_base=env.url("STRIPE_API_BASE", ("http", "https"), "https://api.stripe.com"),
        stripe_inline_timeout=env.seconds("STRIPE_INLINE_TIMEOUT", 1.5),
        stripe_timeout=env.seconds("STRIPE_TIMEOUT", 20),
        stripe_inline_calls=env.integer("STRIPE_INLINE_CALLS", 4, least=1),
        currency=env.currency("CURRENCY", "USD"),
        shipping_flat_amount=env.integer("SHIPPING_FLAT_AMOUNT", 499),
        tax_basis_points=env.integer("TAX_BASIS_POINTS", 800),
        reservation_hold=env.seconds("RESERVATION_HOLD", 15 * 60),
        card_processing_hold=env.seconds("CARD_PROCESSING_HOLD", 15 * 60),
        bank_processing_hold=env.seconds("BANK_PROCESSING_HOLD", 7 * 24 * 3600),
        longest_hold=env.seconds("LONGEST_HOLD", 24 * 3600),
        smtp=_smtp(env),
        mail_from=env.sender("MAIL_FROM"),
    )


def _smtp(env: _Environment) -> Smtp:
    return Smtp(
        host=env.text("SMTP_HOST"),
        port=env.integer("SMTP_PORT", 587, least=1, most=65_535),
        user=env.optional("SMTP_USER"),
        password=env.optional("SMTP_PASSWORD"),
        starttls=env.boolean("SMTP_STARTTLS", "false" if env.app_env == "development" else "true"),
        timeout=env.seconds("SMTP_TIMEOUT", 30),
    )


def load_or_exit() -> Settings:
    """The settings of this process; a wrong one ends the process with its one line on standard error."""
    try:
        return load()
    except SettingError as error:
        sys.exit(f"Backroom cannot start: {error}")
