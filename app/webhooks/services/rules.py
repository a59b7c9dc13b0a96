"""How webhooks are sent, as the settings say."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment, SettingError

LONGEST_TIMEOUT = timedelta(seconds=30)
"""A worker is killed after a minute, of which looking up the name may take as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRules:
    """Secrets are made by the first of the `keys`; those that another has made are good while it is there.

    `local_targets`: this machine may be called, and without encryption, too. A call takes `timeout` at most.
    """

    keys: tuple[str, ...]
    local_targets: bool
    timeout: timedelta


def webhook_rules(env: Environment) -> WebhookRules:
    """Read from the environment; without keys of their own, webhooks use those of access tokens.

    Raises SettingError.
    """
    local_targets = env.boolean("WEBHOOK_LOCAL_TARGETS", str(env.app_env == "development").lower())
    if local_targets and env.app_env == "production":
        raise SettingError("WEBHOOK_LOCAL_TARGETS must be false in production.")
    timeout = env.seconds("WEBHOOK_TIMEOUT", 10)
    if timeout > LONGEST_TIMEOUT:
        raise SettingError("WEBHOOK_TIMEOUT must be 30 seconds at most.")
    return WebhookRules(
        keys=env.secrets("WEBHOOK_KEYS") or (env.secret("JWT_SECRET_KEY"), *env.secrets("JWT_OTHER_KEYS")),
        local_targets=local_targets,
        timeout=timeout,
    )
