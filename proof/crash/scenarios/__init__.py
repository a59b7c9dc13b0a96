"""What is played, by name."""

from proof.crash.scenarios import buying, giving_up, second_tries
from proof.crash.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    each.name: each for each in (*buying.SCENARIOS, *giving_up.SCENARIOS, *second_tries.SCENARIOS)
}
