from pathlib import Path

import requests

from sandbox.ports import free_port
from tasks import exporter
from tests.ops.conftest import Told
from tests.ops.scraped import Numbers
from tests.ops.test_processes import REQUESTS, Start
from tests.ops.test_processes import folder as folder  # fixtures of this test, too
from tests.ops.test_processes import start as start


def test_a_worker_shows_what_its_processes_count(told: Told, start: Start, folder: Path) -> None:
    start(3)
    port = free_port()

    server = exporter.start(told(metrics_port=port, metrics_folder=folder).monitoring)

    assert server is not None
    try:
        page = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    finally:
        server.shutdown()
        server.server_close()
    assert Numbers.of(page).get("backroom_http_requests_total", **REQUESTS) == 3


def test_without_a_port_nothing_is_served(told: Told) -> None:
    assert exporter.start(told().monitoring) is None
