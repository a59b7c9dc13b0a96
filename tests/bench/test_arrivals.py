import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.arrivals import Arrivals, come
from bench.errors import BenchFailed

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(*, sleeps: float, answer: bytes = ANSWER) -> Iterator[int]:
    """A port that answers everything, and sleeps so many seconds before it answers a connection at first."""

    def serve(line: socket.socket) -> None:
        with line:
            line.recv(1000)
            time.sleep(sleeps)
            line.sendall(answer)
            while line.recv(1000):
                line.sendall(answer)

    def accept(listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def arrivals(port: int) -> Arrivals:
    return Arrivals(
        port=port,
        operations=[[b"GET / HTTP/1.1\r\n\r\n"]],
        expected=[200],
        seconds=0.5,
        per_second=100,
        connections=1,
    )


def test_who_comes_while_the_server_sleeps_has_waited_since_then() -> None:
    with server(sleeps=0.4) as port:
        answered = come(arrivals(port))

    due = arrivals(port).moments()
    while_it_slept = [moment for moment in due if moment < due[0] + 0.4]
    assert len(answered.milliseconds) == len(due)
    assert len(while_it_slept) > 20
    # One connection: nobody is let in before the first answer, but all of them count from their own moment.
    least = [(due[0] + 0.4 - moment) * 1000 for moment in while_it_slept]
    took = answered.milliseconds[: len(least)]
    assert all(taken >= wait for taken, wait in zip(took, least, strict=True))


def test_as_many_come_as_were_asked_for_at_the_same_moments_each_time() -> None:
    moments = Arrivals(port=0, operations=[], expected=[], seconds=20, per_second=100).moments()

    assert moments == Arrivals(port=0, operations=[], expected=[], seconds=20, per_second=100).moments()
    assert moments == sorted(moments)
    assert moments[0] > 0
    assert moments[-1] < 20
    assert len(moments) == pytest.approx(2000, rel=0.1)


def test_another_status_ends_it() -> None:
    refused = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

    with (
        server(sleeps=0, answer=refused) as port,
        pytest.raises(BenchFailed, match=r"Expected 200, got: HTTP/1\.1 503"),
    ):
        come(arrivals(port))
