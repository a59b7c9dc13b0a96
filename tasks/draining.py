"""What else waits in a queue, done by the message that finds it: a message costs more than most work."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from app.events.backlog import claim_fresh
from app.events.claims import Claim
from app.events.subscriptions import subscription
from app.platform.db import transaction

DRAIN_SECONDS = 2
"""How long from its beginning a message begins others' work: so much longer than its own work may it take."""
CLAIMED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Work:
    """What a consumer does with its claim, for so many seconds; `quick`: with the database alone."""

    do: Callable[[Claim], None]
    time_limit: int
    quick: bool


_known: dict[str, Work] = {}
_drainers: list[bool] = []


def start() -> None:
    """Have this process do what it finds. Where nobody calls this, a message does its own work alone."""
    _drainers[:] = [True]


def register(name: str, work: Work) -> None:
    """Make a consumer's work known by its name."""
    _known[name] = work


def drain(name: str, lease: timedelta, do: Callable[[Claim, Work], None], *, began: float) -> None:
    """Do what waits in the queue of consumer `name` and was never tried, until nothing does or time is up.

    The message `began` at that moment of the monotonic clock. What was tried before has a message to itself:
    what kills its worker takes no other work along twice. None may take longer than this message. Quick work
    is claimed many at once; what is left of that when time is up is others' again.
    """
    ends_at = began + min(DRAIN_SECONDS, lease.total_seconds() / 3)
    while _drainers and monotonic() < ends_at:
        claims = _more(name, lease)
        if not claims:
            break
        while claims and monotonic() < ends_at:
            held = claims.pop(0)
            do(held, _known[held.delivery.consumer])
        _hand_over(claims)


def _more(name: str, lease: timedelta) -> list[Claim]:
    """Quick work, several at once; else one that calls outside, and may keep others waiting."""
    queue, longest = subscription(name).queue, _known[name].time_limit
    others = (each for each in _known if subscription(each).queue == queue)
    fitting = {each: _known[each] for each in others if _known[each].time_limit <= longest}
    quick = [each for each, work in fitting.items() if work.quick]
    slow = fitting.keys() - quick
    return _claimed(queue, quick, CLAIMED_AT_ONCE, lease) or _claimed(queue, slow, 1, lease)


def _claimed(queue: str, consumers: Iterable[str], most: int, lease: timedelta) -> list[Claim]:
    wanted = list(consumers)
    if not wanted:
        return []
    with transaction() as session:
        return claim_fresh(session, queue, consumers=wanted, limit=most, lease=lease)


def _hand_over(claims: list[Claim]) -> None:
    if claims:
        with transaction() as session:
            for held in claims:
                held.hand_over(session)
