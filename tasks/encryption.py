"""The way to the broker."""

import ssl
from pathlib import Path
from typing import Any


def encryption_of(broker_url: str, ca_file: Path | None) -> dict[str, Any] | None:
    """What Celery is told of it; None where the address says nothing of encryption.

    By rediss:// and amqps:// it proves itself, by a certificate of `ca_file` or of what the machine trusts.
    """
    if not broker_url.startswith(("rediss://", "amqps://")):
        return None
    prefix = "ssl_" if broker_url.startswith("rediss://") else ""
    trust = {"ca_certs": str(ca_file)} if ca_file else {}
    known = {"cert_reqs": ssl.CERT_REQUIRED, **trust}
    return {f"{prefix}{name}": value for name, value in known.items()}
