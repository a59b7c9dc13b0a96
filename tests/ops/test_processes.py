import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from app.platform.metrics import collector
from sandbox.process import Child, Command, launch
from sandbox.ready import says
from tests.ops.scraped import Numbers

ROOT = Path(__file__).parents[2]
COUNT = """
import os, signal, sys
from pathlib import Path
from app.platform import metrics

def count(times):
    for _ in range(times):
        metrics.REQUESTS.labels("GET", "/health", 200).inc()
        metrics.REQUEST_SECONDS.labels("GET", "/health").observe(0.02)
    metrics.IN_PROGRESS.labels("GET").inc()

metrics.start(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), role="worker")
count(int(sys.argv[1]))
if "fork" in sys.argv:
    if os.fork():
        signal.pause()
    count(5)
print("counted", flush=True)
signal.pause()
"""
REQUESTS = {"method": "GET", "route": "/health", "status": "200"}

Start = Callable[..., Child]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a process that counts so often, and waits."""
    with ExitStack() as started:

        def process(times: int, *words: str) -> Child:
            log = tmp_path / f"log-{len(list(tmp_path.glob('log-*')))}"
            env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
            argv = [sys.executable, "-c", COUNT, str(times), *words]
            command = Command(argv=argv, log=log, env=env, cwd=ROOT)
            child = launch("The counter", command, ready=says(log, "counted\n"), within=60)
            started.callback(child.kill)
            return child

        yield process


def numbers(folder: Path) -> Numbers:
    registry = CollectorRegistry()
    registry.register(collector(folder))
    return Numbers.of(generate_latest(registry).decode())


def test_processes_that_count_at_once_are_summed_up(start: Start, folder: Path) -> None:
    for times in (3, 4):
        start(times)

    found = numbers(folder)

    assert found.get("backroom_http_requests_total", **REQUESTS) == 7
    assert found.get("backroom_http_request_seconds_count", method="GET", route="/health") == 7
    bucket = {"method": "GET", "route": "/health", "le": "0.025"}
    assert found.get("backroom_http_request_seconds_bucket", **bucket) == 7
    assert found.get("backroom_http_requests_in_progress", method="GET") == 2
    assert found.get("backroom_processes", role="worker") == 2


def test_a_killed_process_leaves_its_counts_and_not_its_state(start: Start, folder: Path) -> None:
    killed, _ = start(3), start(4)

    killed.kill()

    found = numbers(folder)
    assert found.get("backroom_http_requests_total", **REQUESTS) == 7
    assert found.get("backroom_http_requests_in_progress", method="GET") == 1
    assert found.get("backroom_processes", role="worker") == 1


def test_whoever_follows_a_killed_process_goes_on_counting_in_its_files(start: Start, folder: Path) -> None:
    start(3).kill()
    files = sorted(path.name for path in folder.iterdir())

    for _ in range(2):
        start(4).kill()

    found = numbers(folder)
    assert found.get("backroom_http_requests_total", **REQUESTS) == 11
    assert found.get("backroom_processes", role="worker") == 0
    assert sorted(path.name for path in folder.iterdir()) == files


def test_a_forked_process_counts_for_itself(start: Start, folder: Path) -> None:
    start(2, "fork")

    found = numbers(folder)

    assert found.get("backroom_http_requests_total", **REQUESTS) == 7
    assert found.get("backroom_http_requests_in_progress", method="GET") == 2
    assert len(list(folder.glob("*.seat"))) == 2
