"""The Redis whose content may be forgotten, asked with little patience: it must never make a request wait."""

from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:  # only for the hint
    from config import Settings

PATIENCE_SECONDS = 0.1


def forgetful(settings: "Settings") -> Redis:
    """The one of the settings, given up after a tenth of a second."""
    ca_file = settings.transport.tls_ca_file
    return impatient(settings.redis_url, seconds=PATIENCE_SECONDS, ca_file=ca_file)


def impatient(url: str, *, seconds: float, ca_file: Path | None) -> Redis:
    """A client that tries once and gives up after so many seconds.

    By rediss:// the server proves itself by a certificate of `ca_file`, or else of what the machine trusts.
    """
    trust = {"ssl_ca_certs": str(ca_file)} if ca_file and url.startswith("rediss://") else {}
    client: Redis = Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        **trust,
    )
    return client
