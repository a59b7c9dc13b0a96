"""Where mails and text messages are handed in, as the settings say."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment, SettingError

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
TEXT_PROVIDERS = ("none", "console", "twilio")


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
class Sms:
    """Who takes text messages, who we are there, and from which number or name they come."""

    provider: str
    account: str | None
    token: str | None
    sender: str | None
    api_base: str
    timeout: timedelta


def smtp_from(env: Environment) -> Smtp:
    """Where mails are handed in. Raises SettingError."""
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


def sms_from(env: Environment) -> Sms:
    """Where text messages are handed in. Raises SettingError."""
    made = Sms(
        provider=env.choice("SMS_PROVIDER", TEXT_PROVIDERS, "none"),
        account=env.optional("SMS_ACCOUNT"),
        token=env.optional("SMS_TOKEN"),
        sender=env.optional("SMS_FROM"),
        api_base=env.public_url("SMS_API_BASE", "https://api.twilio.com"),
        timeout=env.seconds("SMS_TIMEOUT", 20),
    )
    if made.provider == "console" and env.app_env == "production":
        raise SettingError("SMS_PROVIDER may not be console in production: nobody would get them.")
    if made.provider == "twilio" and not (made.account and made.token and made.sender):
        raise SettingError("SMS_PROVIDER=twilio needs SMS_ACCOUNT, SMS_TOKEN and SMS_FROM.")
    return made
