"""Who can write to the broker can ring, and nothing else."""

import base64
import json
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis

from app.events.claims import claim
from app.platform.db import transaction
from sandbox.valkey import Valkey
from tests.database import change
from tests.events.owed import LEASE, PLAIN, Tried, owe_one, row, subscribe
from tests.tasks.messages import waiting
from tests.tasks.test_workers import Start, is_done, traces, wait_for
from tests.tasks.test_workers import start as start  # a fixture of these tests, too

JSON = "application/json"
OTHER = PLAIN.consumer.replace("plain", "unheard_of")


@dataclass(frozen=True)
class Bomb:
    """Has whoever unpickles it make a folder."""

    folder: Path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def forge(broker: Valkey, task: str, body: bytes, content_type: str = JSON) -> None:
    """Put a message of our own making into the queue, as Celery would write it."""
    message_id = str(uuid4())
    message = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "binary" if "pickle" in content_type else "utf-8",
        "content-type": content_type,
        "headers": {"lang": "py", "task": task, "id": message_id, "argsrepr": "()", "kwargsrepr": "{}"},
        "properties": {
            "correlation_id": message_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "default"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": message_id,
        },
    }
    with redis.Redis.from_url(broker.url) as client:
        client.lpush("backroom:default", json.dumps(message))


def arguments(*args: Any) -> bytes:
    return json.dumps(
        [args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    ).encode()


@pytest.mark.usefixtures("bell")
def test_forged_messages_have_no_effect_and_the_worker_goes_on(
    start: Start, broker: Valkey, tmp_path: Path
) -> None:
    crater = tmp_path / "crater"
    owed = owe_one("chair")
    # Tried once, so that a message of its own has to come: what is new is found by any message.
    change("UPDATE deliveries SET attempts = 1 WHERE id = :owed", owed=owed)
    with redis.Redis.from_url(broker.url) as client:
        client.flushall()
    start()
    everything = pickle.dumps([[owed], {"bomb": Bomb(crater)}, {}])

    forge(broker, PLAIN.consumer, everything, "application/x-python-serialize")
    forge(broker, PLAIN.consumer, f"- [{owed}]\n- {{}}\n- {{}}\n".encode(), "application/x-yaml")
    forge(broker, OTHER, arguments(owed))
    forge(broker, "os.system", arguments("true"))
    forge(broker, "orders.finalize", arguments(owed))
    for strange in (10**30, -1, 0, "1; DROP TABLE deliveries", None, {"id": owed}, [owed], "x" * 100_000):
        forge(broker, PLAIN.consumer, arguments(strange))
    forge(broker, PLAIN.consumer, b"{")
    bell = owe_one("lamp")

    wait_for(lambda: is_done(bell), "the honest work behind them")
    # An earlier one may have found that: the rest are still on their way.
    with redis.Redis.from_url(broker.url) as client:
        wait_for(lambda: client.llen("backroom:default") == 0, "the last of them")
    assert (row(owed).state, row(owed).attempts, traces()) == ("pending", 1, 1)
    assert waiting(broker, "default") == []
    assert not crater.exists()


def test_a_consumer_takes_only_its_own_work(monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe(monkeypatch, PLAIN, topic=Tried.topic)
    owed = owe_one()

    with transaction() as session:
        taken = claim(session, owed, consumer=OTHER, lease=LEASE)

    assert taken is None
    assert (row(owed).state, row(owed).attempts) == ("pending", 0)
