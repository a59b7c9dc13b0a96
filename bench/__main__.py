import logging
import signal
import sys

from bench.errors import BenchFailed
from bench.options import read_options
from sandbox.errors import CannotStart


def main() -> None:
    """Measure what was asked for; exits with one line when the figures would be worth nothing."""
    # The clients' process imports this file again, and needs nothing of the shop.
    from bench.run import run

    options = read_options()
    # What is being written when somebody stops it cannot be rolled back, and need not be.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs are born deaf to the first
        signal.signal(number, signal.default_int_handler)
    try:
        run(options)
    except (BenchFailed, CannotStart) as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: stopped")


if __name__ == "__main__":
    main()
