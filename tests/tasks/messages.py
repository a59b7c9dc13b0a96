"""A look at what waits at the broker."""

import base64
import json
from typing import Any

import redis

from sandbox.valkey import Valkey


def waiting(broker: Valkey, queue: str) -> list[tuple[str, Any]]:
    """The task and the arguments of each message in a queue, the oldest first."""
    with redis.Redis.from_url(broker.url) as client:
        raw: Any = client.lrange(f"backroom:{queue}", 0, -1)
    messages = [json.loads(each) for each in reversed(raw)]
    return [(each["headers"]["task"], json.loads(base64.b64decode(each["body"]))[:2]) for each in messages]


def flush(broker: Valkey) -> None:
    """Lose all messages."""
    with redis.Redis.from_url(broker.url) as client:
        client.flushall()
