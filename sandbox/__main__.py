import argparse
import os
import sys
from pathlib import Path

from sandbox.code import CODE
from sandbox.errors import CannotStart
from sandbox.lock import only_one
from sandbox.postgres import Postgres
from sandbox.progress import Progress
from sandbox.stack import Stack
from sandbox.supervisor import StopAsked
from sandbox.wanted import Wanted


def main() -> None:
    """Run the shop until Ctrl-C, or remove what it wrote outside of this folder."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=main.__doc__)
    parser.add_argument("order", nargs="?", choices=["run", "clean"], default="run")
    parser.add_argument("--no-demo", action="store_true", help="leave out the scripted purchase")
    parser.add_argument("--folder", type=Path, default=CODE, help="everything is written into var/ below it")
    wanted = parser.parse_args()
    folder = wanted.folder.resolve()
    try:
        with only_one(folder) as lock:
            if wanted.order == "clean":
                Postgres(folder / "var/postgres", log=Path(os.devnull)).remove()
            else:
                run(folder, lock, demo=not wanted.no_demo)
    except CannotStart as failure:
        sys.exit(f"Backroom cannot start: {failure}")


def run(folder: Path, lock: int, *, demo: bool) -> None:
    """Bring the shop up, sell something unless told otherwise, and stay until somebody asks to stop."""
    progress = Progress()
    stack = Stack(folder, Wanted(os.environ), progress.say, lock=lock)
    try:
        stack.bring_up()
        if demo:
            stack.sell_something()
        print(stack.closing_text(), flush=True)
        stack.supervisor.watch()
    except StopAsked:
        progress.say("Stopping")
    finally:
        stack.stop()
    progress.say("Stopped")


if __name__ == "__main__":
    main()
