"""The metrics of a worker's processes over HTTP, for where the API cannot see their folder."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server

from app.platform import metrics
from app.platform.monitoring import Monitoring


def start(monitoring: Monitoring) -> WSGIServer | None:
    """Serve `/metrics` in a thread of this process, if the settings give it a port."""
    if monitoring.metrics_port is None:
        return None
    registry = CollectorRegistry()
    registry.register(metrics.collector(monitoring.metrics_folder))
    server, _ = start_http_server(monitoring.metrics_port, monitoring.metrics_host, registry)
    return server
