"""What machines ask the live process: a page of metrics for who may read it, and whether it lives."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

from config import Settings
from live.application import Application


def status(settings: Settings, path: str, authorization: str = "") -> int:
    """What a process of these settings answers."""
    answered: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing is read")

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message)

    headers = [(b"authorization", authorization.encode())]
    asked = {"path": path, "method": "GET", "scheme": "http", "headers": headers, "query_string": b""}
    asyncio.run(Application(settings)({"type": "http"} | asked, receive, send))
    return int(answered[0]["status"])


def test_metrics_are_for_who_has_the_token_and_without_one_for_nobody_in_production(
    settings: Settings,
) -> None:
    closed = replace(settings, app_env="production")
    guarded = replace(closed, monitoring=replace(settings.monitoring, metrics_token="abc"))

    statuses = [status(guarded, "/metrics", words) for words in ("", "Bearer ab", "Bearer abc")]

    assert statuses == [401, 401, 200]
    assert (status(closed, "/metrics"), status(closed, "/health")) == (404, 200)
