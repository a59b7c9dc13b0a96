"""How large a file may be, and how long it is kept, as the settings say."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment

MEGABYTE = 1_000_000
DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRules:
    """`largest_import` is the bytes of a request that brings one; `kept` counts from the end."""

    largest_import: int
    kept: timedelta


def transfer_rules(env: Environment) -> TransferRules:
    """What the environment says. Raises SettingError."""
    return TransferRules(
        largest_import=env.integer("IMPORT_LARGEST_FILE", 50 * MEGABYTE, least=1000, most=1000 * MEGABYTE),
        kept=env.seconds("TRANSFERS_KEPT", 7 * DAY),
    )
