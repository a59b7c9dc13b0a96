"""The next `make run` waits until what a killed one left is gone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.code import CODE
from sandbox.lock import only_one
from sandbox.ready import says, wait_until

# Its part listens to no signal: only the watchdog ends it, after a while.
OWNER = """
import sys
from pathlib import Path
from sandbox.lock import only_one
from sandbox.part import Part
from sandbox.process import Command
from sandbox.supervisor import Supervisor

folder, deaf = Path(sys.argv[1]), '''
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
'''
with only_one(folder) as lock:
    supervisor = Supervisor(say=print, on_change=lambda: None, lock=lock)
    command = Command(argv=[sys.executable, "-c", deaf], log=folder / "part.log")
    supervisor.start(Part(name="deaf", title="Deaf", command=command))
    supervisor.watch()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor that holds the lock of the folder, over a part that is deaf by now."""
    is_deaf = says(tmp_path / "part.log", "deaf")
    with subprocess.Popen([sys.executable, "-c", OWNER, tmp_path], cwd=CODE) as process:  # noqa: S603 - our own
        try:
            wait_until(is_deaf, within=20, failure="The part did not start")
            yield process
        finally:
            process.kill()


def test_who_starts_after_a_sigkill_waits_until_all_that_was_left_is_gone(
    owner: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    family = psutil.Process(owner.pid).children()
    (part,) = (one for one in family if "sandbox.watchdog" not in one.cmdline())

    owner.kill()
    owner.wait()
    with only_one(tmp_path):
        left = part.is_running() and part.status() != psutil.STATUS_ZOMBIE

    assert not left
