"""Killing, ending and freezing processes of the shop itself."""

import signal
from collections.abc import Callable, Collection

from proof.chaos.faults.kind import Kind, Missed, Scene, Undo
from sandbox.session import kill_session, send


def main_of(scene: Scene, name: str) -> int:
    """The main process of a part. Raises Missed when it has none: it is about to be started again."""
    if (leader := scene.shop.pid(name)) is None:
        raise Missed
    return leader


def kill(*names: str) -> Callable[[Scene], None]:
    """SIGKILL one of these parts with all its processes."""

    def begin(scene: Scene) -> None:
        name = scene.dice.choice(names)
        leader = main_of(scene, name)
        scene.kills[name] += 1
        kill_session(leader, within=1)

    return begin


def kill_main(*names: str) -> Callable[[Scene], None]:
    """SIGKILL the main process of one of these parts alone: what it leaves is the supervisor's to find."""

    def begin(scene: Scene) -> None:
        name = scene.dice.choice(names)
        leader = main_of(scene, name)
        scene.kills[name] += 1
        send(leader, signal.SIGKILL)

    return begin


def kill_child(*names: str) -> Callable[[Scene], None]:
    """SIGKILL one child of one of these parts: its main process makes another."""

    def begin(scene: Scene) -> None:
        name = scene.dice.choice(names)
        children = scene.shop.family(name)[1:]
        if not children:
            raise Missed
        scene.kills[f"child of {name}"] += 1
        send(scene.dice.choice(children), signal.SIGKILL)

    return begin


def freeze(*names: str) -> Callable[[Scene], Undo]:
    """Let every process of one of these parts stand still, for longer than a lease if it lasts."""

    def begin(scene: Scene) -> Undo:
        still = scene.shop.family(scene.dice.choice(names))
        if not still:
            raise Missed
        return stand_still(still)

    return begin


def stand_still(pids: Collection[int]) -> Undo:
    """Stop these processes; they go on when that is undone."""
    for pid in pids:
        send(pid, signal.SIGSTOP)

    def wake() -> None:
        for pid in pids:
            send(pid, signal.SIGCONT)

    return wake


def terminate(*names: str) -> Callable[[Scene], Undo]:
    """Ask one of these parts to end, as a deploy does, and SIGKILL it when it still has not at the end."""

    def begin(scene: Scene) -> Undo:
        name = scene.dice.choice(names)
        leader = main_of(scene, name)
        send(leader, signal.SIGTERM)

        def lose_patience() -> None:
            if scene.shop.pid(name) == leader:
                scene.kills[name] += 1
                kill_session(leader, within=1)

        return lose_patience

    return begin


_PATIENCE = (40.0, 40.0)
KINDS = {
    "kill-api": Kind(30, kill("api")),
    "kill-api-process": Kind(20, kill_child("api")),
    "kill-worker": Kind(15, kill("critical", "email")),
    "kill-worker-main": Kind(30, kill_main("critical", "email")),
    "kill-child": Kind(10, kill_child("critical", "email")),
    "kill-relay": Kind(30, kill("relay")),
    "kill-beat": Kind(30, kill("beat")),
    "terminate-api": Kind(60, terminate("api"), _PATIENCE),
    "terminate-worker": Kind(60, terminate("critical", "email", "relay"), _PATIENCE),
    "freeze-worker": Kind(30, freeze("critical", "email", "relay"), (4, 9)),
    "freeze-api": Kind(60, freeze("api"), (1, 4)),
    "freeze-beat": Kind(60, freeze("beat"), (3, 8)),
}
