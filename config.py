"""Every setting of Backroom, read from the environment in this one place.

`load()` answers a frozen `Settings` or raises `SettingError`, whose text is one line that names the setting
and says what to change. Durations are given in seconds, money in minor units, rates in basis points.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.invoicing.services.rules import InvoiceRules, invoice_rules
from app.live.services.rules import LiveRules, live_rules
from app.media.gateway.rules import MediaRules, media_rules
from app.notifications.gateway.rules import Sms, Smtp, sms_from, smtp_from
from app.platform.cache.policy import CachePolicy, cache_policy
from app.platform.environment import Environment
from app.platform.environment import SettingError as SettingError  # for those who load settings
from app.platform.monitoring import Monitoring, monitoring_from
from app.platform.rate_limits.policy import Policy, policy_from
from app.platform.transport_rules import Transport, transport_from
from app.platform.working_days import WorkingDays, working_days_from
from app.transfers.services.rules import TransferRules, transfer_rules
from app.webhooks.services.rules import WebhookRules, webhook_rules

DEFAULT_URL = "http://127.0.0.1:8000"
DAY = 86_400
DEMO_ACCOUNT = "Backroom Demo Shop, IBAN GB33BUKB20201555555555, BIC BUKBGB22"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLimits:
    """How many wrong passwords within `window` an account and an address may have."""

    per_account: int
    per_address: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """How long a mail's link can be opened, by purpose, a password counts as just given, a login can last."""

    storefront_url: str
    reset_lifetime: timedelta
    verification_lifetime: timedelta
    change_lifetime: timedelta
    step_up_lifetime: timedelta
    longest_login: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what names people is kept: orders of the gone and of guests, and the provider's events."""

    buyers: timedelta
    provider_events: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process of Backroom was told at its start."""

    app_env: str
    public_url: str
    log_level: str
    monitoring: Monitoring
    transport: Transport

    database_url: str
    migration_url: str
    database_pool_size: int
    statement_timeout: timedelta
    lock_timeout: timedelta
    idle_in_transaction_timeout: timedelta

    redis_url: str
    rate_limits: Policy
    cache: CachePolicy
    celery_broker_url: str
    doorbell_budget: timedelta
    ring_ahead: int
    lease: timedelta
    ring_gap: timedelta
    backoff_base: timedelta

    login_limits: LoginLimits
    jwt_secret_key: str
    jwt_other_keys: tuple[str, ...]
    access_token_lifetime: timedelta
    refresh_token_lifetime: timedelta
    accounts: Accounts
    retention: Retention
    cart_reminder_after: timedelta

    stripe_api_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str
    stripe_inline_timeout: timedelta
    stripe_timeout: timedelta
    stripe_inline_calls: int

    currency: str
    currencies: tuple[str, ...]
    search_language: str
    reviews_moderated: bool
    shipping_flat_amount: int
    tax_basis_points: int
    working_days: WorkingDays
    return_period: timedelta
    reservation_hold: timedelta
    session_hold: timedelta
    card_processing_hold: timedelta
    bank_processing_hold: timedelta
    longest_hold: timedelta
    manual_hold: timedelta
    bank_account: str | None

    ask_gap: timedelta
    longest_ask_gap: timedelta
    ask_every: timedelta
    reconcile_every: timedelta
    reconcile_recent: timedelta
    reconcile_deep: timedelta

    smtp: Smtp
    sms: Sms
    mail_from: str
    media: MediaRules
    live: LiveRules
    transfers: TransferRules
    invoicing: InvoiceRules
    webhooks: WebhookRules

    @property
    def jwt_keys(self) -> tuple[str, ...]:
        """Every key whose signature is believed; the first is the one that signs."""
        return (self.jwt_secret_key, *self.jwt_other_keys)


def load(values: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises SettingError at the first that is missing or malformed."""
    env = Environment(values)
    env.refuse_debugging()
    return Settings(
        app_env=env.app_env,
        public_url=env.public_url("PUBLIC_URL", DEFAULT_URL),
        log_level=env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        monitoring=monitoring_from(env),
        transport=transport_from(env),
        database_url=env.database("DATABASE_URL"),
        migration_url=env.migrations("DATABASE_MIGRATION_URL", otherwise="DATABASE_URL"),
        database_pool_size=env.integer("DATABASE_POOL_SIZE", 10, least=1),
        statement_timeout=env.seconds("STATEMENT_TIMEOUT", 15),
        lock_timeout=env.seconds("LOCK_TIMEOUT", 3),
        idle_in_transaction_timeout=env.seconds("IDLE_IN_TRANSACTION_TIMEOUT", 30),
        redis_url=env.redis("REDIS_URL", ("redis", "rediss")),
        rate_limits=policy_from(env),
        cache=cache_policy(env),
        celery_broker_url=env.redis("CELERY_BROKER_URL", ("redis", "rediss", "sentinel", "amqp", "amqps")),
        doorbell_budget=env.seconds("DOORBELL_BUDGET", 0.3),
        ring_ahead=env.integer("RING_AHEAD", 200, least=1),
        lease=env.lease("LEASE", 30),
        ring_gap=env.seconds("RING_GAP", 4),
        backoff_base=env.seconds("BACKOFF_BASE", 2),
        **_logins(env),
        stripe_api_key=env.stripe_key("STRIPE_API_KEY"),
        stripe_webhook_secrets=env.signing_secrets("STRIPE_WEBHOOK_SECRET"),
        stripe_api_base=env.public_url("STRIPE_API_BASE", "https://api.stripe.com"),
        stripe_inline_timeout=env.seconds("STRIPE_INLINE_TIMEOUT", 1.5),
        stripe_timeout=env.seconds("STRIPE_TIMEOUT", 20),
        stripe_inline_calls=env.integer("STRIPE_INLINE_CALLS", 4, least=1),
        smtp=smtp_from(env),
        sms=sms_from(env),
        mail_from=env.sender("MAIL_FROM"),
        **_rules(env),
        **_sales(env),
        **_reconciliation(env),
    )


def _rules(env: Environment) -> dict[str, Any]:
    public_url = env.public_url("PUBLIC_URL", DEFAULT_URL)
    return {
        "media": media_rules(env, public_url),
        "live": live_rules(env, public_url),
        "transfers": transfer_rules(env),
        "invoicing": invoice_rules(env),
        "webhooks": webhook_rules(env),
    }


def _logins(env: Environment) -> dict[str, Any]:
    return {
        "login_limits": LoginLimits(
            per_account=env.integer("LOGIN_TRIES_PER_ACCOUNT", 10, least=1),
            per_address=env.integer("LOGIN_TRIES_PER_ADDRESS", 50, least=1),
            window=env.seconds("LOGIN_TRIES_WINDOW", 15 * 60),
        ),
        "jwt_secret_key": env.secret("JWT_SECRET_KEY"),
        "jwt_other_keys": env.secrets("JWT_OTHER_KEYS"),
        "access_token_lifetime": env.seconds("ACCESS_TOKEN_LIFETIME", 15 * 60),
        "accounts": _accounts(env),
        "retention": _retention(env),
        "cart_reminder_after": env.seconds("CART_REMINDER_AFTER", 23 * DAY),
        "refresh_token_lifetime": env.seconds("REFRESH_TOKEN_LIFETIME", 30 * DAY),
    }


def _accounts(env: Environment) -> Accounts:
    return Accounts(
        storefront_url=env.public_url("STOREFRONT_URL", env.text("PUBLIC_URL", DEFAULT_URL)),
        reset_lifetime=env.seconds("RESET_LINK_LIFETIME", 60 * 60),
        verification_lifetime=env.seconds("VERIFICATION_LINK_LIFETIME", DAY),
        change_lifetime=env.seconds("EMAIL_CHANGE_LINK_LIFETIME", 60 * 60),
        step_up_lifetime=env.seconds("STEP_UP_LIFETIME", 10 * 60),
        longest_login=env.seconds("LONGEST_LOGIN", 90 * DAY),
    )


def _retention(env: Environment) -> Retention:
    return Retention(
        buyers=env.seconds("BUYERS_KEPT", 180 * DAY),
        provider_events=env.seconds("PROVIDER_EVENTS_KEPT", 90 * DAY),
    )


def _reconciliation(env: Environment) -> dict[str, Any]:
    return {
        "ask_gap": env.seconds("ASK_GAP", 30),
        "longest_ask_gap": env.seconds("LONGEST_ASK_GAP", 5 * 60),
        "ask_every": timedelta(seconds=env.integer("ASK_EVERY", 60, least=1)),
        "reconcile_every": timedelta(seconds=env.integer("RECONCILE_EVERY", 5 * 60, least=1)),
        "reconcile_recent": env.seconds("RECONCILE_RECENT", DAY),
        "reconcile_deep": env.seconds("RECONCILE_DEEP", 30 * DAY),
    }


def _sales(env: Environment) -> dict[str, Any]:
    currency = env.currency("CURRENCY", "USD")
    return {
        "currency": currency,
        "currencies": env.currencies("CURRENCIES", currency),
        "search_language": env.language("SEARCH_LANGUAGE", "english"),
        "reviews_moderated": env.boolean("REVIEWS_MODERATED", "false"),
        "shipping_flat_amount": env.amount("SHIPPING_FLAT_AMOUNT", 499, currency=currency),
        "tax_basis_points": env.integer("TAX_BASIS_POINTS", 800),
        "working_days": working_days_from(env),
        "return_period": env.seconds("RETURN_PERIOD", 30 * DAY),
        "reservation_hold": env.seconds("RESERVATION_HOLD", 15 * 60),
        "session_hold": env.session_hold("SESSION_HOLD", 60 * 60),
        "card_processing_hold": env.seconds("CARD_PROCESSING_HOLD", 15 * 60),
        "bank_processing_hold": env.seconds("BANK_PROCESSING_HOLD", 7 * DAY),
        "longest_hold": env.seconds("LONGEST_HOLD", DAY),
        "manual_hold": env.seconds("MANUAL_HOLD", 7 * DAY),
        "bank_account": env.optional("BANK_ACCOUNT")
        or (DEMO_ACCOUNT if env.app_env == "development" else None),
    }


def load_or_exit() -> Settings:
    """The settings of this process; a wrong one ends the process with its one line on standard error."""
    try:
        return load()
    except SettingError as error:
        sys.exit(f"Backroom cannot start: {error}")
