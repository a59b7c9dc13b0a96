"""The provider's events in any order, any number of times, some before others have come true: one end.

PERMUTATIONS says how many random orders of each story are lived through.
"""

import os
from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import Connection

from app.platform.db import transaction
from tests.gateway import workers_ask
from tests.provider import Json, Provider
from tests.reports import report
from tests.sales import Sale, State, state
from tests.settlement.endings import finish
from tests.steps import Step
from tests.stories import STORIES, Story

PERMUTATIONS = int(os.environ.get("PERMUTATIONS", "3"))


def shuffled(steps: Sequence[Step], random: Random) -> list[tuple[int, str, Json]]:
    """Each event once to three times, in any order: the step that it is of, its topic and object."""
    told = [(number, *event) for number, step in enumerate(steps) for event in step.events]
    doubled = [each for each in told for _ in range(random.choice((1, 1, 2, 3)))]
    random.shuffle(doubled)
    return doubled


def live_through(story: Story, sale: Sale, random: Random) -> list[tuple[int, str, Json]]:
    """Let the story happen, with its events in one of their orders; which."""
    steps = story.steps(sale)
    provider, order = Provider(), shuffled(steps, random)
    true_until = len(steps) if story.all_at_once else 0
    for step in steps[:true_until]:
        provider.keep(step.thing)
    parked = []
    with workers_ask(provider):
        for number, topic, told in order:
            reached = max(true_until, number + 1, random.randint(0, len(steps)))
            for step in steps[true_until:reached]:
                provider.keep(step.thing)
            true_until = reached
            if report(provider, told, topic) == "later":
                parked.append((topic, told))
        finish(provider, parked)
    return order


@pytest.mark.parametrize("name", STORIES)
def test_a_story_has_one_end_in_whichever_order_it_is_told(undone: Connection, name: str) -> None:
    story, random = STORIES[name], Random(f"{name} of {PERMUTATIONS}")  # noqa: S311  # for repeatable tests
    with transaction() as session:
        sale = story.begin(session)
    found: dict[str, State] = {}

    for _ in range(PERMUTATIONS):
        chapter = undone.begin_nested()
        order = live_through(story, sale, random)
        if state(sale) != story.end:
            found[" > ".join(f"{number} {topic}" for number, topic, _ in order)] = state(sale)
        chapter.rollback()

    assert found == {}
