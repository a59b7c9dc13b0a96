"""A process of the bench that takes part in the shop, as a worker's child does."""

import os
from collections.abc import Mapping


def become_the_shop(environment: Mapping[str, str]) -> None:
    """Take the shop's settings. Its log lines are written, but not between ours."""
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def start_as_a_child_does() -> None:
    """Settings, log and engine of this process; it has become the shop before."""
    from app.platform import db, settings
    from app.platform.logging import start_logging
    from config import load

    known = load()
    settings.install(known)
    start_logging(known.log_level)
    db.start_engine(known)
