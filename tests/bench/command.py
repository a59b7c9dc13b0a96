import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from sandbox.code import CODE

FAST = {
    "--products": 60,
    "--rounds": 1,
    "--seconds": 0.2,
    "--warm-up": 0.1,
    "--orders": 2,
    "--holds": 20,
    "--connections": 4,
}


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The command at its fastest, with these options; all that it writes is in the folder."""
    fast = [str(word) for option in FAST.items() for word in option]
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "bench", *fast, *words],
        cwd=CODE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(command: subprocess.Popen[str], *, by: signal.Signals | None = None) -> tuple[int, str, str]:
    """The exit code, the output and the complaints of a command that ends.

    Or is ended `by` a signal to all of its process group, which is what a terminal and `timeout` send.
    """
    if by:
        os.killpg(command.pid, by)
    with command:
        try:
            said, complained = command.communicate(timeout=600)
        finally:
            command.kill()
    return command.returncode, said, complained


def leftovers(folder: Path) -> list[str]:
    """What a command has left: files in the folder, and processes that were told of it."""
    running = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    return [str(path) for path in folder.iterdir()] + [words for words in running if str(folder) in words]
