"""What beat starts, as others need to know it."""

from datetime import timedelta
from typing import Any

from celery import Celery


def periods(app: Celery) -> dict[str, timedelta]:
    """How often each scheduled job is done, by the name under which it records its last success."""
    return dict(_job(entry) for entry in app.conf.beat_schedule.values())


def _job(entry: dict[str, Any]) -> tuple[str, timedelta]:
    name = entry["args"][0] if entry["task"] == "events.reach_slot" else entry["task"]
    return name, timedelta(seconds=entry["schedule"])
