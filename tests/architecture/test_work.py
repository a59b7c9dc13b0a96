"""The map of the backroom is whole: every fact has a place in it, every name in it leads somewhere."""

import importlib
import re
from collections import defaultdict
from dataclasses import fields
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from celery import Celery

from app.events.events import Event
from app.events.subscriptions import QUEUES, RELAY_QUEUE, SUBSCRIPTIONS
from sandbox.programs import Programs
from tasks import schedule
from tests.architecture.source import ROOT, descendants

SCHEDULED = re.compile(r"^\| `(\w+\.\w+)` \| (\d+) (s|min|h|day)(, `\w+`)? \|", re.MULTILINE)
"""A job on the page, how often it is done, and the setting that says so."""
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 24 * 3600}
CONSUMERS = sorted({each.consumer for group in SUBSCRIPTIONS.values() for each in group})


@cache
def events() -> dict[str, type[Event]]:
    return {each.topic: each for each in descendants(Event)}


def test_every_topic_belongs_to_one_event_and_every_event_has_its_place_in_the_map() -> None:
    names = defaultdict(set)
    for each in descendants(Event):
        names[each.topic].add(f"{each.__module__}.{each.__qualname__}")

    assert names.keys() == SUBSCRIPTIONS.keys()
    assert [found for found in names.values() if len(found) > 1] == []


def test_a_topic_is_called_after_a_package() -> None:
    packages = {topic: topic.partition(".")[0] for topic in SUBSCRIPTIONS}

    wrong = {
        packages[topic]
        for topic, event in events().items()
        if event.__module__.split(".")[1] != packages[topic]
    }

    # Refunds and disputes are rows of payments; slots belong to the schedule, which is no package.
    assert wrong == {"disputes", "refunds", "schedule"}


def test_a_consumer_has_one_rule_whatever_the_topic() -> None:
    rules = defaultdict(set)
    for group in SUBSCRIPTIONS.values():
        for each in group:
            rules[each.consumer].add((each.queue, each.max_attempts, each.key))

    assert [consumer for consumer, found in rules.items() if len(found) > 1] == []


def test_work_is_told_apart_by_fields_that_its_event_has() -> None:
    for topic, group in SUBSCRIPTIONS.items():
        known = {field.name for field in fields(events()[topic])}
        assert {key for each in group for key in each.key} <= known, topic


def test_money_mail_and_documents_never_die_by_count() -> None:
    rules = [each for group in SUBSCRIPTIONS.values() for each in group]

    assert {each.consumer for each in rules if each.max_attempts is None} == {
        each.consumer for each in rules if each.queue in {"critical", "email"}
    } | {"invoicing.issue", "invoicing.credit"}


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_every_consumer_is_a_task_of_that_file_and_function(celery: Celery, consumer: str) -> None:
    file, function = consumer.split(".")

    assert consumer in celery.tasks
    assert callable(getattr(importlib.import_module(f"tasks.{file}"), function))


def test_every_task_that_is_routed_or_scheduled_exists(celery: Celery) -> None:
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}

    assert scheduled | celery.conf.task_routes.keys() <= celery.tasks.keys()


def test_every_scheduled_delivery_has_its_job_and_every_job_its_schedule(celery: Celery) -> None:
    slots = [
        (entry["args"][0], entry["args"][1])
        for entry in celery.conf.beat_schedule.values()
        if entry["task"] == "events.reach_slot"
    ]

    assert sorted(job for job, _ in slots) == sorted(
        each.consumer for each in SUBSCRIPTIONS["schedule.slot_reached"]
    )
    assert all(
        entry["args"][1] % entry["schedule"] == 0
        for entry in celery.conf.beat_schedule.values()
        if entry["task"] == "events.reach_slot"
    )


def test_the_page_tells_of_each_scheduled_job_and_how_often_it_is_done(celery: Celery) -> None:
    told = SCHEDULED.findall((ROOT / "docs/how-work-flows.md").read_text())
    fixed = {name: int(number) * SECONDS[unit] for name, number, unit, setting in told if not setting}
    periods = {name: period.total_seconds() for name, period in schedule.periods(celery).items()}

    assert sorted(name for name, *_ in told) == sorted(periods)
    assert {name: periods[name] for name in fixed} == fixed


def test_a_tick_outlives_clocks_that_are_a_day_apart_and_does_not_wait_for_ever(celery: Celery) -> None:
    lifetimes = {entry["options"]["expires"] for entry in celery.conf.beat_schedule.values()}

    assert lifetimes == {25 * 3600}


def consumed(folder: Path) -> list[list[str]]:
    """The queues of each worker that `make run` starts."""
    programs = Programs(env={"LOG_LEVEL": "INFO"}, port=1, live_port=2, flower_port=3, root=folder)
    lines = [[str(word) for word in part.command.argv] for part in programs.parts()]
    return [words[words.index("-Q") + 1].split(",") for words in lines if "-Q" in words]


def test_every_queue_is_known_to_celery_and_has_a_worker(celery: Celery, tmp_path: Path) -> None:
    used = {each.queue for group in SUBSCRIPTIONS.values() for each in group}
    routed = {route["queue"] for route in celery.conf.task_routes.values()}

    assert sorted(chain(*consumed(tmp_path))) == sorted([*QUEUES, RELAY_QUEUE])
    assert (
        used | routed | {celery.conf.task_default_queue} <= set(celery.amqp.queues) == {*QUEUES, RELAY_QUEUE}
    )


def test_the_relay_never_waits_behind_the_backlog_that_it_cures(tmp_path: Path) -> None:
    assert [RELAY_QUEUE] in consumed(tmp_path)
