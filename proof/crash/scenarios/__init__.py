"""What is played, by name."""

from proof.crash.scenarios import (
    buying,
    costless,
    couponed,
    exporting,
    giving_up,
    importing,
    keeping_house,
    looked_after,
    money_back,
    reminding,
    second_tries,
    sending,
    sending_back,
    telling,
    transferring,
)
from proof.crash.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    each.name: each
    for group in (
        buying,
        couponed,
        costless,
        giving_up,
        second_tries,
        sending,
        sending_back,
        money_back,
        looked_after,
        transferring,
        reminding,
        exporting,
        importing,
        telling,
        keeping_house,
    )
    for each in group.SCENARIOS
}
