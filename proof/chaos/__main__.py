import signal
import sys

from proof.chaos.errors import ChaosFailed
from proof.chaos.options import read_options
from proof.chaos.run import run
from sandbox.errors import CannotStart
from sandbox.supervisor import StopAsked


def main() -> None:
    """Let everything break, and print what it did; exits with 1 when a promise was broken."""
    options = read_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        kept = run(options)
    except (ChaosFailed, CannotStart) as failure:
        sys.exit(f"chaos: {failure}")
    except (StopAsked, KeyboardInterrupt):
        sys.exit("chaos: stopped")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
