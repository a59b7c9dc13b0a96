import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.private_file import PrivateFile


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one development shop, each random unless given."""

    jwt_secret_key: str = field(default_factory=_random, repr=False)
    redis_password: str = field(default_factory=_random, repr=False)
    broker_password: str = field(default_factory=_random, repr=False)
    stripe_api_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(16)}", repr=False)
    stripe_webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}", repr=False)
    flower_password: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)


def kept_keys(path: Path) -> Keys:
    """The secrets in this file (mode 0600): made on the first call, completed when one is new."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    keys = Keys(**kept)
    if asdict(keys) != kept:
        PrivateFile(path).write(asdict(keys))
    return keys
