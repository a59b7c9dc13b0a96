"""What is played, by name."""

from proof.crash.scenarios import (
    buying,
    giving_up,
    keeping_house,
    looked_after,
    money_back,
    second_tries,
    sending,
)
from proof.crash.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    each.name: each
    for group in (buying, giving_up, second_tries, sending, money_back, looked_after, keeping_house)
    for each in group.SCENARIOS
}
