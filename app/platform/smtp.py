"""Where mails are handed in."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment, SettingError

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server, and how to speak to it."""

    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    timeout: timedelta


def smtp_from(env: Environment) -> Smtp:
    """What the environment says. Raises SettingError."""
    password = env.optional("SMTP_PASSWORD")
    starttls = env.boolean("SMTP_STARTTLS", "false" if env.app_env == "development" else "true")
    host = env.text("SMTP_HOST")
    if env.app_env == "production" and not starttls and host not in THIS_MACHINE:
        raise SettingError("SMTP_STARTTLS must be true in production: mails open accounts.")
    return Smtp(
        host=host,
        port=env.integer("SMTP_PORT", 587, least=1, most=65_535),
        user=env.optional("SMTP_USER"),
        password=password,
        starttls=starttls,
        timeout=env.seconds("SMTP_TIMEOUT", 30),
    )
