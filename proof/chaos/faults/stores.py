"""What befalls both Redis and PostgreSQL."""

import os
import signal
from collections.abc import Callable

import redis

from proof.chaos.faults.kind import Kind, Missed, Scene, Undo
from proof.chaos.faults.processes import freeze, kill, main_of, stand_still
from sandbox.session import children, send

_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'backroom'"
_END_SOME = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backroom' AND random() < 0.3
"""


def flush(scene: Scene) -> None:
    """Wipe both, or the one that answers."""
    wiped = [_wipe(server.url) for server in (scene.shop.embedded.cache, scene.shop.embedded.broker)]
    if not any(wiped):
        raise Missed


def _wipe(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.flushall())
    except redis.RedisError:
        return False


def keep_down(name: str) -> Callable[[Scene], Undo]:
    """Kill a part, and let nobody start it for a while."""

    def begin(scene: Scene) -> Undo:
        scene.shop.kept_down.add(name)
        try:
            kill(name)(scene)
        except Missed:
            scene.shop.kept_down.discard(name)
            raise
        return lambda: scene.shop.kept_down.discard(name)

    return begin


def signal_postgres(number: signal.Signals) -> Callable[[Scene], None]:
    """Stop PostgreSQL as `pg_ctl` does by this signal; the supervisor starts it again."""
    return lambda scene: send(main_of(scene, "postgres"), number)


def hang_postgres(scene: Scene) -> Undo:
    """Let it stand still with all its connections, each of which is a process in a session of its own."""
    leader = main_of(scene, "postgres")
    send(leader, signal.SIGSTOP)  # first, so that it makes no more of them
    return stand_still([leader, *children(leader)])


def kill_backend(scene: Scene) -> None:
    """SIGKILL one connection's process: PostgreSQL ends all others, and recovers."""
    pids = [pid for (pid,) in scene.sql(_BACKENDS)]
    if not pids:
        raise Missed
    os.kill(scene.dice.choice(pids), signal.SIGKILL)
    scene.kills["backend of postgres"] += 1


def end_backends(scene: Scene) -> None:
    """Have PostgreSQL end about a third of the shop's connections."""
    if not scene.sql(_END_SOME):
        raise Missed


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
    "postgres-hang": Kind(90, hang_postgres, (2, 8)),
    "postgres-kill-backend": Kind(120, kill_backend),
    "postgres-end-backends": Kind(30, end_backends),
}
