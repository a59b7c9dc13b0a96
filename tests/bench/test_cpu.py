import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.cpu import check_listener, spent
from bench.errors import BenchFailed

BURN = "import time\nwhile time.process_time() < 0.3: pass"


@contextmanager
def waiting_parent(of: str) -> Iterator[int]:
    """A process that has run this program to its end, and now waits."""
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]]); print(); input()"
    words = [sys.executable, "-c", parent, of]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603  # our own words
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.communicate("\n")


@contextmanager
def listener() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_what_an_ended_child_spent_still_counts() -> None:
    with waiting_parent(of=BURN) as busy, waiting_parent(of="") as idle:
        assert spent({"busy": [busy]})["busy"] - spent({"idle": [idle]})["idle"] > 200


def test_a_server_that_dies_is_no_server_that_costs_nothing() -> None:
    with waiting_parent(of="") as gone:
        pass

    with pytest.raises(BenchFailed, match="has died"):
        spent({"api": [gone]})


def test_the_server_that_was_started_answers() -> None:
    with listener() as port:
        check_listener(port, os.getpid())


def test_a_stale_server_on_the_port_is_found_out() -> None:
    with (
        listener() as port,
        waiting_parent(of="") as expected,
        pytest.raises(BenchFailed, match=rf"Port {port} belongs to .{os.getpid()}."),
    ):
        check_listener(port, expected)
