import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.errors import BenchFailed
from sandbox.errors import CannotStart


@contextmanager
def ends_with_one_line() -> Iterator[None]:
    """End the process with one line when the figures would be worth nothing, or somebody stops it."""
    # What is being written when somebody stops it cannot be rolled back, and need not be.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs are born deaf to the first
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except (BenchFailed, CannotStart) as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: stopped")
