import sys

from proof.crash.options import read_options
from proof.crash.stopping import stop_in_order
from sandbox.errors import CannotStart


def main() -> None:
    """Play what was asked for; exits with 1 when something did not end as it must."""
    from proof.crash.run import run  # the lanes import this file again, and need none of it

    options = read_options()
    stop_in_order()
    try:
        sys.exit(0 if run(options) else 1)
    except CannotStart as failure:
        sys.exit(f"crash: {failure}")
    except KeyboardInterrupt:
        sys.exit("crash: stopped")


if __name__ == "__main__":
    main()
