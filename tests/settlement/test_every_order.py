"""Every order in which the provider's events can come, each told as often as one likes: one end.

Events lead our books from state to state, and there are few states. So each event is told once in each of
them; what comes of every order, however long, follows from that. EVERY_ORDER=1 does so for each story.
"""

import os

import pytest
from sqlalchemy import Connection

from app.platform.db import transaction
from tests.provider import Provider
from tests.settlement.atlas import Atlas, Place
from tests.stories import STORIES, Story

QUICK = ("paid", "processing, then paid", "given up, then paid", "a refund fails later")


def explored(undone: Connection, story: Story) -> tuple[Atlas, Place]:
    """All that can come of a story, and the place where it begins."""
    with transaction() as session:
        sale = story.begin(session)
    atlas = Atlas(undone, sale, list(story.steps(sale)))
    provider, reached = Provider(), len(atlas.steps) if story.all_at_once else 0
    for step in atlas.steps[:reached]:
        provider.keep(step.thing)
    return atlas, atlas.explore(provider, reached)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STORIES if os.environ.get("EVERY_ORDER") else QUICK)
def test_every_order_of_a_story_comes_to_its_end(undone: Connection, name: str) -> None:
    atlas, begin = explored(undone, STORIES[name])

    arrived = atlas.arrivals(begin)

    assert arrived
    assert [atlas.ends[place] for place in arrived if atlas.ends[place] != STORIES[name].end] == []
