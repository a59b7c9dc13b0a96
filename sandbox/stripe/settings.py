from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What one stand-in was started with; durations are seconds."""

    host: str
    port: int
    data: Path
    api_key: str
    webhook_secret: str
    webhook_url: str
    first_retry_seconds: float
    webhook_timeout_seconds: float
    bank_seconds: float

    @property
    def publishable_key(self) -> str:
        """The key of browsers: the secret key with pk in place of sk."""
        return "pk" + self.api_key.removeprefix("sk")
