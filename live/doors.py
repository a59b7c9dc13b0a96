"""How many come in: in all, of each caller, and from each address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.live.errors import TooManyStreams
from app.live.services.rules import LiveRules
from app.live.services.tickets import Ticket


class Doors:
    """Counts the streams of this process."""

    def __init__(self, rules: LiveRules) -> None:
        self._rules = rules
        self._callers: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    @contextmanager
    def inside(self, ticket: Ticket) -> Iterator[None]:
        """Hold a place for as long as the block runs. Raises TooManyStreams when there is none."""
        caller, address = ticket.caller, ticket.address_hash
        self._insist_on_room(caller, address)
        with _counted(self._callers, caller), _counted(self._addresses, address):
            yield

    def _insist_on_room(self, caller: str, address: str | None) -> None:
        if self._callers[caller] >= self._rules.streams_per_caller:
            raise TooManyStreams(
                f"You have {self._rules.streams_per_caller} streams open already: close one, or wait."
            )
        if address is not None and self._addresses[address] >= self._rules.streams_per_address:
            raise TooManyStreams(
                f"From your address {self._rules.streams_per_address} streams are open already."
            )
        if self._callers.total() >= self._rules.streams:
            raise TooManyStreams("All places are taken at this moment. Come again a little later.")


@contextmanager
def _counted(counts: Counter[str], name: str | None) -> Iterator[None]:
    if name is None:
        yield
        return
    counts[name] += 1
    try:
        yield
    finally:
        counts[name] -= 1
        if not counts[name]:
            del counts[name]
