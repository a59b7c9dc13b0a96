import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.addresses import Addresses, app_environment
from sandbox.code import CODE
from sandbox.errors import CannotStart
from sandbox.keys import Keys, kept_keys


def main() -> None:
    """Run `flask` with these words in the shop that `make run` has up, as in: work list --state dead."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.commands", description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=CODE, help="where the shop's var/ is")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    wanted = parser.parse_args()
    try:
        running = facts(wanted.folder.resolve())
    except CannotStart as failure:
        sys.exit(str(failure))
    keys = kept_keys(wanted.folder / "var/secrets.json")
    os.chdir(CODE)
    words = [sys.executable, "-m", "flask", "--app", "wsgi", *wanted.words]
    os.execve(sys.executable, words, environment(os.environ, running, keys))  # noqa: S606  # no shell: our own words


def facts(folder: Path) -> dict[str, Any]:
    """What the run file of the shop in this folder says. Raises CannotStart when none is up."""
    try:
        found: dict[str, Any] = json.loads((folder / "var/run.json").read_text())
        (supervisor,) = found["pids"]["supervisor"]
        os.kill(supervisor, 0)
    except (FileNotFoundError, ProcessLookupError):
        raise CannotStart(
            f"No shop is up in {folder}: start one with `make run`, and leave it open."
        ) from None
    return found


def environment(given: Mapping[str, str], running: Mapping[str, Any], keys: Keys) -> dict[str, str]:
    """The environment of a process of that shop. It logs warnings only, and sends no mail itself."""
    addresses = Addresses(
        api=running["api"],
        live=running["live"],
        flower=running["flower"],
        stripe=running["stripe"]["base"],
        database=running["database_url"],
        redis=running["redis_url"],
        broker=running["broker_url"],
        smtp=None,
        mail_page=None,
    )
    of_stripe = {
        "STRIPE_API_BASE": running["stripe"]["base"],
        "STRIPE_API_KEY": running["stripe"]["api_key"],
        "STRIPE_WEBHOOK_SECRET": running["stripe"]["webhook_secret"],
    }
    quiet = {"LOG_LEVEL": "WARNING", "SMTP_HOST": "127.0.0.1"}
    return app_environment({**quiet, **given}, addresses, keys) | of_stripe


if __name__ == "__main__":
    main()
