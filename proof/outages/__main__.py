import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.outages import postgres, recovery, redis, stripe, webhook_rate, without_redis
from proof.outages.report import printed
from proof.outages.scenario import Figure, Scenario
from proof.outages.shop import own_shop
from sandbox.demo.buyer import PurchaseFailed
from sandbox.errors import CannotStart

_ALL: tuple[Scenario, ...] = (
    stripe.DEAD,
    stripe.HUNG,
    redis.STOPPED,
    redis.HUNG,
    postgres.STOPPED,
    *recovery.GATES,
    without_redis.GATE,
    webhook_rate.GATE,
)
SCENARIOS = {each.name: each for each in _ALL}


def main() -> None:
    """Take away what the shop needs and print what buyers noticed; exits with 1 for a broken promise."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        measured = dict(_measured(name, options) for name in options.scenarios or SCENARIOS)
    except (CannotStart, PurchaseFailed) as failure:
        sys.exit(f"outages: {failure}")
    except KeyboardInterrupt:
        sys.exit("outages: stopped")
    sys.exit(0 if printed(measured) else 1)


def _measured(name: str, options: argparse.Namespace) -> tuple[str, Sequence[Figure]]:
    """What a scenario does to a shop of its own: unpaid orders of another one would be asked about."""
    scenario = SCENARIOS[name]
    seconds = options.seconds or scenario.usual_seconds
    print(f"{name} ...", file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="outages-") as folder, own_shop(Path(folder)) as shop:
        figures = scenario.measure(shop, seconds=seconds, buyers=options.buyers)
    return f"{name}, {seconds:g} s", figures


def _known(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(SCENARIOS)}")
    return name


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.outages", description=main.__doc__)
    parser.add_argument("scenarios", nargs="*", type=_known, metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--seconds", type=float, help="how long each lasts, instead of as usual")
    parser.add_argument("--buyers", type=int, default=4, help="who buy at once; 4 unless given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
