import signal
import sys

from proof.mutants.options import read_options


def main() -> None:
    """Try what was asked for; exits with 1 when too many survive, or one that was made by hand."""
    from proof.mutants.run import run  # the lanes import this file's package, and need none of it

    options = read_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(0 if run(options) else 1)
    except KeyboardInterrupt:
        sys.exit("mutants: stopped; what was found is kept")


if __name__ == "__main__":
    main()
