from collections.abc import Callable

import pytest

from app.platform.cache import store as stores
from app.platform.cache.store import EVERYTHING, Answer, Asked, Store
from app.platform.redis_server import impatient
from sandbox.valkey import Valkey
from tests.cache.conftest import POLICY
from tests.waiting import wait

LAMP = Answer(b'{"name":"Lamp"}', "e1", "en")
SCOPES = ("product:lamp", "categories")


def keep(store: Store) -> None:
    asked = store.ask("lamp")
    assert asked.outcome == "turn"
    store.keep("lamp", asked, LAMP, SCOPES)


def test_what_one_process_has_kept_is_found_by_another(process: Callable[[], Store]) -> None:
    keep(process())

    found = process().ask("lamp")

    assert found == Asked("found", LAMP)


@pytest.mark.parametrize("scope", [*SCOPES, EVERYTHING])
def test_what_has_changed_is_not_found_by_anybody(process: Callable[[], Store], scope: str) -> None:
    first, second = process(), process()
    keep(first)

    second.tell((scope,))

    assert first.ask("lamp").outcome == "turn"


def test_the_change_of_something_else_leaves_it(process: Callable[[], Store]) -> None:
    keep(first := process())

    first.tell(("product:chair", "listings"))

    assert first.ask("lamp").answer == LAMP


def test_what_was_read_before_a_change_and_kept_after_it_is_not_found(process: Callable[[], Store]) -> None:
    reader, writer = process(), process()
    asked = reader.ask("lamp")

    writer.tell(("product:lamp",))
    reader.keep("lamp", asked, LAMP, SCOPES)

    assert writer.ask("lamp").outcome == "turn"


def test_what_was_read_before_a_flush_and_kept_after_it_is_not_found(
    process: Callable[[], Store], server: Valkey
) -> None:
    reader, writer = process(), process()
    asked = reader.ask("lamp")

    writer.tell(("product:lamp",))
    impatient(server.url, seconds=1, ca_file=None).flushall()
    assert writer.ask("another").outcome == "turn"
    reader.keep("lamp", asked, LAMP, SCOPES)

    assert writer.ask("lamp").outcome == "turn"


def test_without_what_has_changed_nothing_is_trusted(process: Callable[[], Store], server: Valkey) -> None:
    keep(first := process())

    impatient(server.url, seconds=1, ca_file=None).delete(stores.CHANGES)

    assert first.ask("lamp").outcome == "turn"


def test_too_many_changes_are_forgotten_together_with_what_was_kept(
    process: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_SCOPES", 3)
    keep(first := process())

    first.tell(("product:1", "product:2"))
    assert first.ask("lamp").outcome == "found"
    first.tell(("product:3",))

    assert first.ask("lamp").outcome == "turn"


def test_one_reads_and_the_others_wait(process: Callable[[], Store]) -> None:
    first, second = process(), process()

    asked = first.ask("lamp")
    others = [each.ask("lamp").outcome for each in (first, second)]
    first.keep("lamp", asked, LAMP, SCOPES)

    assert (asked.outcome, others) == ("turn", ["wait", "wait"])
    assert second.ask("lamp").outcome == "found"


def test_who_waits_is_content_with_what_was_begun_after_they_came(process: Callable[[], Store]) -> None:
    reader, early, late = process(), process(), process()
    asked = reader.ask("lamp")
    since = early.ask("lamp").moment

    late.tell(("product:lamp",))
    came_late = late.ask("lamp").moment
    reader.keep("lamp", asked, LAMP, SCOPES)

    assert early.ask("lamp", since=since).answer == LAMP
    assert late.ask("lamp", since=came_late).outcome == "turn"


def test_who_reads_and_dies_is_not_waited_for(
    process: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "LOCK_SECONDS", 0.05)
    first, second = process(), process()
    assert first.ask("lamp").outcome == "turn"

    wait(until=lambda: second.ask("lamp").outcome == "turn")


def test_while_one_makes_an_old_answer_anew_the_others_get_it_unless_something_changed(
    process: Callable[[], Store], server: Valkey
) -> None:
    keep(first := process())
    impatient(server.url, seconds=1, ca_file=None).pexpire("cache:answer:lamp", POLICY.stale * 1000 - 1)

    asked, other = first.ask("lamp"), process().ask("lamp")
    first.tell(("product:lamp",))

    assert (asked.outcome, other) == ("turn", Asked("stale", LAMP))
    assert first.ask("lamp").outcome == "wait"


def test_what_is_too_large_and_what_failed_is_read_by_everybody_for_themselves(
    process: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "LARGEST_BODY", 10)
    keep(first := process())
    first.pass_by("chair", first.ask("chair"))

    assert [first.ask("lamp").outcome, first.ask("chair").outcome] == ["passing", "passing"]


def test_nothing_is_kept_for_ever(process: Callable[[], Store], server: Valkey) -> None:
    first = process()
    keep(first)
    first.ask("chair")
    first.pass_by("chair", first.ask("stool"))

    redis = impatient(server.url, seconds=1, ca_file=None)
    lives = {name: redis.pttl(name) for name in redis.scan_iter("cache:*")}

    assert lives.pop(stores.CHANGES.encode()) == -1
    assert len(lives) == 4
    assert all(0 < life <= 70_000 for life in lives.values())


def test_a_change_that_redis_did_not_hear_is_made_up_for(
    process: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = process(), process()
    keep(reader)

    monkeypatch.setattr(writer, "_tell", _deaf)
    assert writer.tell(("product:lamp",)) is False
    assert reader.ask("lamp").outcome == "found"
    monkeypatch.undo()
    writer.ask("another")

    assert reader.ask("lamp").outcome == "turn"


def _deaf(**_: object) -> None:
    raise ConnectionError
