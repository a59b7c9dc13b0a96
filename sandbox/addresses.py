from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything is, whether embedded or brought along; URLs end without a slash.

    `smtp` and `mail_page` are None when mail really leaves this machine.
    """

    api: str
    live: str
    flower: str
    stripe: str
    database: str
    redis: str
    broker: str
    smtp: tuple[str, int] | None
    mail_page: str | None


def app_environment(given: Mapping[str, str], addresses: Addresses, keys: Keys) -> dict[str, str]:
    """The environment of every process of the shop: what was given, and where the embedded parts are."""
    defaults = {
        "JWT_SECRET_KEY": keys.jwt_secret_key,
        "LOG_LEVEL": "INFO",
        "MAIL_FROM": "Backroom <shop@example.com>",
        "PUBLIC_URL": addresses.api,
        "LIVE_URL": addresses.live,
    }
    ours = {
        "APP_ENV": "development",
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": addresses.database,
        "REDIS_URL": addresses.redis,
        "CELERY_BROKER_URL": addresses.broker,
    }
    if not given.get("STRIPE_API_KEY"):
        ours["STRIPE_API_BASE"] = addresses.stripe
        ours["STRIPE_API_KEY"] = keys.stripe_api_key
        ours["STRIPE_WEBHOOK_SECRET"] = keys.stripe_webhook_secret
    if addresses.smtp:
        ours["SMTP_HOST"], ours["SMTP_PORT"] = addresses.smtp[0], str(addresses.smtp[1])
    chosen = {name: value for name, value in given.items() if value}
    return {**defaults, **chosen, **ours}
