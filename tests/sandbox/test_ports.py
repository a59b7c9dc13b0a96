import subprocess
import sys

from sandbox.code import CODE
from sandbox.ports import free_port, is_free

DRAWN = """
import itertools, secrets, sys
from sandbox import ports
draws = itertools.chain([int(sys.argv[1]) - ports._FIRST], iter(lambda: secrets.randbits(13), None))
ports.secrets.randbelow = lambda _: next(draws)
print(ports.free_port())
"""
"""Look for a port, and draw this one first."""


def test_no_other_process_gets_a_port_that_waits_for_its_server() -> None:
    mine = free_port()

    words = [sys.executable, "-c", DRAWN, str(mine)]
    other = subprocess.check_output(words, cwd=CODE, text=True)  # noqa: S603 - our own

    assert int(other) != mine


def test_a_port_that_was_given_can_be_listened_on() -> None:
    assert is_free(free_port())
