"""Who may look at a process, and where it reports."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.platform.environment import Environment, SettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Who may look at this process, and where it reports; None is off."""

    metrics_folder: Path | None
    metrics_token: str | None
    metrics_host: str
    metrics_port: int | None
    overdue_limit: timedelta
    traces_endpoint: str | None
    traces_ratio: float
    sentry_dsn: str | None
    flower_login: str | None


def monitoring_from(env: Environment) -> Monitoring:
    """What the environment says about it. Raises SettingError."""
    web = ("http", "https")
    folder = env.optional("PROMETHEUS_MULTIPROC_DIR")  # the name by which the library finds it, too
    port = env.optional("METRICS_PORT")
    if port and not folder:
        raise SettingError("METRICS_PORT needs PROMETHEUS_MULTIPROC_DIR, a folder for the metrics.")
    endpoint, dsn = "OTEL_EXPORTER_OTLP_ENDPOINT", "SENTRY_DSN"
    return Monitoring(
        metrics_folder=Path(folder) if folder else None,
        metrics_token=env.optional_secret("METRICS_TOKEN"),
        metrics_host=env.text("METRICS_HOST", "127.0.0.1"),
        metrics_port=env.integer("METRICS_PORT", 0, least=1, most=65_535) if port else None,
        overdue_limit=env.seconds("OVERDUE_LIMIT", 60),
        traces_endpoint=env.url(endpoint, web) if env.optional(endpoint) else None,
        traces_ratio=env.share("TRACES_RATIO", "1"),
        sentry_dsn=env.url(dsn, web) if env.optional(dsn) else None,
        flower_login=env.login("FLOWER_BASIC_AUTH"),
    )
