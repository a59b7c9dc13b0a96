"""What beat starts at night."""

from proof.crash.scenarios.scenario import PAID, Scenario, begin, paid
from proof.crash.world import World


def _nightly(world: World) -> None:
    from tasks.celery import app as celery  # its settings are those of the lane

    paid(world)
    begin(world)
    for entry in celery.conf.beat_schedule.values():
        world.tick(entry["task"], *entry.get("args", ()))
    world.work()


SCENARIOS = (Scenario("nightly", "everything that beat starts", _nightly, PAID),)
