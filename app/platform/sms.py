"""Where text messages are handed in."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment, SettingError

PROVIDERS = ("none", "console", "twilio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """Who takes text messages, who we are there, and from which number or name they come."""

    provider: str
    account: str | None
    token: str | None
    sender: str | None
    api_base: str
    timeout: timedelta


def sms_from(env: Environment) -> Sms:
    """What the environment says. Raises SettingError."""
    made = Sms(
        provider=env.choice("SMS_PROVIDER", PROVIDERS, "none"),
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
