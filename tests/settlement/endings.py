"""How a story that was told by the provider's events comes to its end."""

from tests.provider import Json, Provider
from tests.reports import report
from tests.work import drain, make_due

SETTLING = ("settlement.close_payment", "settlement.confirm_payment")
ROUNDS = 10


def finish(provider: Provider, parked: list[tuple[str, Json]]) -> None:
    """What has to be tried again is, until nothing has."""
    for _ in range(ROUNDS):
        parked = [event for event in parked if report(provider, event[1], event[0]) == "later"]
        make_due()
        if not drain(queues=("critical",), only=SETTLING) and not parked:
            return
    raise AssertionError(f"the story does not end: {parked}")
