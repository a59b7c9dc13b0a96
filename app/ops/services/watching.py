"""What a process switches on at its start, so that it can be seen."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine

from app.ops.services import facts
from app.platform import error_reports, metrics, tracing

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings


def start(settings: "Settings", engine: Engine, *, role: str) -> None:
    """Count, trace and report, each if the settings say so. After the fork; `role` is api or worker."""
    metrics.start(settings.monitoring.metrics_folder, role=role)
    metrics.watch_pool(engine, role=role)
    facts.start()
    tracing.start(settings.monitoring, role=role)
    tracing.trace_statements(engine)
    error_reports.start(settings, role=role)


def stop() -> None:
    """Send what is left to say, within a few seconds."""
    tracing.stop()
    error_reports.stop()
