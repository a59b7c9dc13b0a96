"""`python -m tests.proof.broken_shops NAME ...`: make crash, played by a shop with a bug of this name."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from app.events.claims import Claim
from app.platform.db import transaction
from proof.crash.lane import open_lane
from proof.crash.options import read_options
from proof.crash.run import run
from proof.crash.servers import Shared

BUG = "BACKROOM_BUG"  # in the environment: lanes are processes of their own


def no_relay() -> None:
    """Work is announced by the doorbell alone."""
    from app.events import relay

    relay.overdue = lambda *_, **__: []


def done_before_the_work() -> None:
    """A delivery is done when its work begins, so a crash loses it."""
    from tasks import base

    do_it = base._do

    def do(held: Claim, work: Callable[[Claim], None]) -> None:
        with transaction() as session:
            held.finish(session)
        do_it(Unchecked(held.delivery, held.token), work)

    base._do = do


class Unchecked(Claim):
    """A claim that everybody believes."""

    def check(self, session: Any) -> None:
        """It is."""

    def finish(self, session: Any) -> None:
        """It was done before."""


def another_key_each_time() -> None:
    """Stripe is asked for a new intent whenever an answer was lost."""
    from app.payments.gateway.stripe import StripeGateway

    open_ = StripeGateway.open
    StripeGateway.open = lambda self, request: open_(  # type: ignore[method-assign]  # that is the bug
        self, replace(request, idempotency_key=str(uuid4()))
    )


def a_lost_commit_is_a_bug() -> None:
    """Who asks while the database is away is answered a bare 500, and not asked to come again."""
    from sqlalchemy.exc import OperationalError

    from app.platform import problems
    from proof.crash import lane

    handlers = lane._lane[0].parts.app.error_handler_spec[None][None]
    handlers[OperationalError] = problems._of_bug


BUGS = {
    each.__name__: each
    for each in (no_relay, done_before_the_work, another_key_each_time, a_lost_commit_is_a_bug)
}


def open_broken_lane(shared: Shared, number: Any) -> None:
    """A lane whose shop has the bug."""
    open_lane(shared, number)
    BUGS[os.environ[BUG]]()


if __name__ == "__main__":
    os.environ[BUG] = sys.argv[1]
    sys.exit(0 if run(read_options(sys.argv[2:]), opening=open_broken_lane) else 1)
