import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.outages import stripe
from proof.outages.report import printed
from proof.outages.scenario import Scenario
from proof.outages.shop import own_shop
from sandbox.demo.buyer import PurchaseFailed
from sandbox.errors import CannotStart

SCENARIOS: dict[str, Scenario] = {each.name: each for each in (stripe.DEAD, stripe.HUNG)}


def main() -> None:
    """Take away what the shop needs and print what buyers noticed; exits with 1 for a broken promise."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with TemporaryDirectory(prefix="outages-") as folder, own_shop(Path(folder)) as shop:
            measured = {
                name: SCENARIOS[name].measure(shop, seconds=options.seconds, buyers=options.buyers)
                for name in options.scenarios or SCENARIOS
            }
    except (CannotStart, PurchaseFailed) as failure:
        sys.exit(f"outages: {failure}")
    except KeyboardInterrupt:
        sys.exit("outages: stopped")
    sys.exit(0 if printed(measured, seconds=options.seconds) else 1)


def _known(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(SCENARIOS)}")
    return name


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.outages", description=main.__doc__)
    parser.add_argument("scenarios", nargs="*", type=_known, metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each lasts; 60 unless given")
    parser.add_argument("--buyers", type=int, default=4, help="who buy at once; 4 unless given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
