"""How requests, answers and our own calls travel."""

from dataclasses import dataclass
from pathlib import Path

from app.platform.environment import Environment, SettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How requests and answers travel, and our own calls to the servers behind us.

    `hsts_seconds` of 0 leaves that header out; `tls_ca_file` None is what the machine trusts.
    """

    trusted_proxies: int
    https_only: bool
    hsts_seconds: int
    cors_origins: frozenset[str]
    public_docs: bool
    database_tls: bool
    tls_ca_file: Path | None


def transport_from(env: Environment) -> Transport:
    """What the environment says. Raises SettingError."""
    in_production = str(env.app_env == "production").lower()
    https_only = env.boolean("HTTPS_ONLY", in_production)
    if env.app_env == "production" and not https_only:
        raise SettingError("HTTPS_ONLY must be true in production.")
    return Transport(
        trusted_proxies=env.integer("TRUSTED_PROXIES", 0, most=10),
        https_only=https_only,
        hsts_seconds=env.integer("HSTS_SECONDS", 365 * 86_400),
        cors_origins=env.origins("CORS_ORIGINS"),
        public_docs=env.boolean("PUBLIC_DOCS", "false" if env.app_env == "production" else "true"),
        database_tls=env.boolean("DATABASE_TLS", in_production),
        tls_ca_file=env.file("TLS_CA_FILE"),
    )
