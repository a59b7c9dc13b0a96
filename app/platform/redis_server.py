"""The Redis whose content may be forgotten, asked with little patience: it must never make a request wait."""

from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


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
