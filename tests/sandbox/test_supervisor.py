import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.errors import CannotStart
from sandbox.ports import wanted_port
from sandbox.private_file import PrivateFile
from sandbox.ready import wait_until

ROOT = Path(__file__).parents[2]
# Has a child in a process group of its own; with the word "deaf" neither of them listens to SIGTERM.
PROGRAM = """
import os, signal, sys, time
if sys.argv[-1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: (print("stopped", time.monotonic(), flush=True), sys.exit()))
if os.fork() == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
SUPERVISOR = """
import sys
from pathlib import Path
from sandbox.part import Part
from sandbox.process import Command
from sandbox.ready import says
from sandbox.private_file import PrivateFile
from sandbox.supervisor import StopAsked, Supervisor

folder, program, words = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
run_file = PrivateFile(folder / "run.json")
supervisor = Supervisor(say=print, on_change=lambda: run_file.write(supervisor.pids()))
try:
    for word in words:
        command = Command(argv=[sys.executable, "-c", program, word], log=folder / f"{word}.log")
        ready = says(command.log, "ready")
        supervisor.start(Part(name=word, title=word, command=command, ready=ready, stop_within=0.5))
    run_file.write(supervisor.pids())
    supervisor.watch()
except StopAsked:
    run_file.remove()
finally:
    supervisor.stop()
"""


class Shop:
    """A supervisor over one PROGRAM for each word."""

    def __init__(self, folder: Path, *words: str, program: str = PROGRAM) -> None:
        self.folder = folder
        self.run_file = folder / "run.json"
        argv = [sys.executable, "-c", SUPERVISOR, str(folder), program, *words]
        self.process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603

    def pids(self) -> dict[str, list[int]]:
        _soon(self.run_file.exists)
        found: dict[str, list[int]] = json.loads(self.run_file.read_text())
        return found

    def family(self, *, watchdog: bool = False) -> list[psutil.Process]:
        """What runs below the supervisor; with or without the process that cleans up after it."""
        everybody = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in everybody if watchdog or "sandbox.watchdog" not in one.cmdline()]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, "first", "deaf")
    shop.pids()
    yield shop
    shop.process.terminate()
    shop.process.communicate(timeout=20)


def test_starts_again_what_died_without_what_was_left_of_it(shop: Shop) -> None:
    before = shop.pids()
    orphan = psutil.Process(before["first"][0]).children()[0]

    os.kill(before["first"][0], signal.SIGKILL)

    _soon(lambda: shop.pids()["first"] not in ([], before["first"]))
    assert _living([orphan]) == []
    assert shop.pids()["deaf"] == before["deaf"]
    _soon(lambda: len(shop.family()) == 4)


def test_stops_all_in_reverse_order_and_kills_what_is_deaf(shop: Shop) -> None:
    family = shop.family(watchdog=True)
    asked_at = time.monotonic()

    shop.process.terminate()
    shop.process.communicate(timeout=20)

    stopped_at = float((shop.folder / "first.log").read_text().split()[-1])
    assert (shop.process.returncode, _living(family), shop.run_file.exists()) == (0, [], False)
    assert stopped_at - asked_at > 0.5  # after the deaf one had its time


def test_leaves_nothing_when_it_is_killed(shop: Shop) -> None:
    family = shop.family(watchdog=True)

    shop.process.kill()

    _soon(lambda: _living(family) == [])
    assert len(family) == 5


def test_says_why_a_part_cannot_start_and_leaves_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "only", program="raise SystemExit('no paper in the till')")

    _, complaint = shop.process.communicate(timeout=20)

    assert shop.process.returncode == 1
    assert b"only ended with code 1" in complaint
    assert b"no paper in the till" in complaint
    assert not shop.run_file.exists()


def test_names_the_taken_port_and_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"Port {port} is taken: .* set MAIL_PORT to another"):
            wanted_port(port, "MAIL_PORT")

    assert wanted_port(port, "MAIL_PORT") == port


def test_the_run_file_is_never_seen_half_written_nor_by_others(tmp_path: Path) -> None:
    run_file, seen, done = PrivateFile(tmp_path / "run.json"), set(), threading.Event()
    run_file.write({"round": 0, "padding": "x" * 50_000})

    def read() -> None:
        while not done.is_set():
            seen.add(json.loads(run_file.path.read_text())["round"])

    reader = threading.Thread(target=read)
    reader.start()
    for count in range(1, 100):
        run_file.write({"round": count, "padding": "x" * 50_000})
    done.set()
    reader.join()

    assert seen <= set(range(100))
    assert len(seen) > 1
    assert run_file.path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [run_file.path]


def _living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if _lives(one)]


def _lives(process: psutil.Process) -> bool:
    """False too for one that ended and waits for the system to notice."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _soon(condition: Callable[[], bool]) -> None:
    wait_until(condition, within=15, failure="It did not happen in 15 s")
