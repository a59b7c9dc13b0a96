import gc
from collections.abc import Iterator

import pytest

from app.platform import garbage


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    """What these tests freeze is thawed."""
    yield
    gc.unfreeze()


def test_nothing_is_collected_inside_and_what_was_made_there_is_never_looked_at() -> None:
    gc.unfreeze()

    with garbage.left_alone():
        inside = gc.isenabled()
        made: list[list[int]] = [[]]

    assert (inside, gc.isenabled()) == (False, True)
    assert gc.get_freeze_count() > 0
    assert not any(each is made for each in gc.get_objects())


def test_the_outermost_one_ends_it() -> None:
    with garbage.left_alone():
        with garbage.left_alone():
            pass
        between = gc.isenabled()

    assert (between, gc.isenabled()) == (False, True)


def test_what_cannot_be_loaded_does_not_leave_the_collector_off() -> None:
    with pytest.raises(ValueError, match="no such part"), garbage.left_alone():
        raise ValueError("no such part")

    assert gc.isenabled()
