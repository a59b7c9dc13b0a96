import os
import signal

import pytest

from bench.apart import Apart


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_the_whole_group_leaves_the_clients_to_whoever_started_them(number: signal.Signals) -> None:
    with Apart() as clients:
        before = clients.do(30, os.getpid)

        os.kill(before, number)

        assert clients.do(30, os.getpid) == before
