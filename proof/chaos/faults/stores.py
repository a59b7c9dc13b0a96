"""What befalls both Redis and PostgreSQL."""

import contextlib
import os
import signal
from collections.abc import Callable

import redis

from proof.chaos.faults.kind import Kind, Scene, Undo
from proof.chaos.faults.processes import freeze, kill
from sandbox.session import send

_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'backroom'"
_END_SOME = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backroom' AND random() < 0.3
"""


def flush(scene: Scene) -> None:
    """Wipe both."""
    for server in (scene.shop.embedded.cache, scene.shop.embedded.broker):
        with (
            contextlib.suppress(redis.RedisError),
            redis.Redis.from_url(server.url, socket_timeout=1) as client,
        ):
            client.flushall()


def keep_down(name: str) -> Callable[[Scene], Undo]:
    """Kill a part, and let nobody start it for a while."""

    def begin(scene: Scene) -> Undo:
        scene.shop.kept_down.add(name)
        kill(name)(scene)
        return lambda: scene.shop.kept_down.discard(name)

    return begin


def signal_postgres(number: signal.Signals) -> Callable[[Scene], None]:
    """Stop PostgreSQL as `pg_ctl` does by this signal; the supervisor starts it again."""

    def begin(scene: Scene) -> None:
        if pid := scene.shop.pid("postgres"):
            send(pid, number)

    return begin


def kill_backend(scene: Scene) -> None:
    """SIGKILL one connection's process: PostgreSQL ends all others, and recovers."""
    if pids := [pid for (pid,) in scene.sql(_BACKENDS)]:
        scene.kills["backend of postgres"] += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(scene.dice.choice(pids), signal.SIGKILL)


def end_backends(scene: Scene) -> None:
    """Have PostgreSQL end about a third of the shop's connections."""
    scene.sql(_END_SOME)


KINDS = {
    "redis-flush": Kind(10, flush),
    "broker-kill": Kind(60, kill("broker")),
    "broker-stop": Kind(90, keep_down("broker"), (3, 12)),
    "broker-hang": Kind(60, freeze("broker"), (2, 10)),
    "cache-kill": Kind(60, kill("redis")),
    "cache-stop": Kind(90, keep_down("redis"), (3, 12)),
    "cache-hang": Kind(90, freeze("redis"), (2, 10)),
    "postgres-immediate": Kind(60, signal_postgres(signal.SIGQUIT)),
    "postgres-fast": Kind(90, signal_postgres(signal.SIGINT)),
    "postgres-kill-backend": Kind(120, kill_backend),
    "postgres-end-backends": Kind(30, end_backends),
}
