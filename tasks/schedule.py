"""What beat starts, as others need to know it."""

from datetime import timedelta
from typing import Any

from celery import Celery


def periods(app: Celery) -> dict[str, timedelta]:
    """How often each scheduled job is done, by the name under which it records its last success."""
    return dict(_job(entry) for entry in app.conf.beat_schedule.values())


def _job(entry: dict[str, Any]) -> tuple[str, timedelta]:
    if entry["task"] == "events.reach_slot":
        name, seconds = entry["args"]
        return name, timedelta(seconds=seconds)
    return entry["task"], timedelta(seconds=entry["schedule"])
