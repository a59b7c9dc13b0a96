from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What one stand-in was started with; durations are seconds.

    `public_url` is where browsers reach its pages; None: where its caller reached it.
    """

    host: str
    port: int
    data: Path
    api_key: str
    webhook_secret: str
    webhook_url: str
    first_retry_seconds: float
    webhook_timeout_seconds: float
    bank_seconds: float
    public_url: str | None

    @property
    def publishable_key(self) -> str:
        """The key of browsers: the secret key with pk in place of sk."""
        return "pk" + self.api_key.removeprefix("sk")
