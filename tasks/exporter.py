"""The metrics of a worker's processes over HTTP, for where the API cannot see their folder."""

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server

from app.platform import metrics

if TYPE_CHECKING:  # only for the hint
    from config import Monitoring


def start(monitoring: "Monitoring") -> None:
    """Serve `/metrics` in a thread of this process, if the settings give it a port."""
    if monitoring.metrics_port is None:
        return
    registry = CollectorRegistry()
    registry.register(metrics.collector(monitoring.metrics_folder))
    start_http_server(monitoring.metrics_port, monitoring.metrics_host, registry)
