from bench.command import ends_with_one_line
from bench.options import read_options


def main() -> None:
    """Measure what was asked for; exits with one line when the figures would be worth nothing."""
    # The clients' process imports this file again, and needs nothing of the shop.
    from bench.run import run

    options = read_options()
    with ends_with_one_line():
        run(options)


if __name__ == "__main__":
    main()
