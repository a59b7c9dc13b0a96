"""What befalls connections between the shop and PostgreSQL or the broker."""

import time
from collections.abc import Callable

from proof.chaos.faults.kind import Kind, Missed, Scene, Undo
from proof.chaos.line import AFTER, ALONG, BEFORE, RESET
from proof.chaos.proxy import Proxy

_SOON_SECONDS, _LOOK_EVERY_SECONDS = 1.0, 0.01


def cut(way: str) -> Callable[[Scene], None]:
    """Cut the next few transactions around their COMMIT."""

    def begin(scene: Scene) -> None:
        line, count = scene.shop.database_line, scene.dice.randint(1, 3)
        _befall(line, way, lambda: line.cut_commits(way, count))

    return begin


def reset_database(scene: Scene) -> None:
    """Break off about half of the connections to PostgreSQL."""
    line = scene.shop.database_line
    _befall(line, RESET, lambda: line.break_off(0.5, scene.dice))


def reset_broker(scene: Scene) -> None:
    """Break off about half of the connections to the broker, in the middle of whatever is said."""
    line = scene.shop.broker_line
    _befall(line, RESET, lambda: line.break_off(0.5, scene.dice))


def _befall(line: Proxy, what: str, order: Callable[[], None]) -> None:
    """Give the order, and see a moment later that it has befallen something. Raises Missed."""
    before, deadline = line.weather.befell[what], time.monotonic() + _SOON_SECONDS
    order()
    while line.weather.befell[what] == before:
        if time.monotonic() > deadline:
            raise Missed
        time.sleep(_LOOK_EVERY_SECONDS)


def slow_database(scene: Scene) -> Undo:
    """Everything that is said to PostgreSQL and back is late."""
    line = scene.shop.database_line
    line.slow_down(scene.dice.uniform(0.005, 0.03))
    return line.clear_up


def black_database(scene: Scene) -> Undo:
    """What is said to PostgreSQL and back is swallowed, and no connection ends."""
    scene.shop.database_line.go_black()
    return scene.shop.database_line.clear_up


def black_broker(scene: Scene) -> Undo:
    """The same with the broker."""
    scene.shop.broker_line.go_black()
    return scene.shop.broker_line.clear_up


KINDS = {
    "cut-before-commit": Kind(20, cut(BEFORE)),
    "cut-along-commit": Kind(10, cut(ALONG)),
    "cut-after-commit": Kind(8, cut(AFTER)),
    "database-reset": Kind(20, reset_database),
    "database-slow": Kind(40, slow_database, (1, 5)),
    "database-black": Kind(60, black_database, (1, 4)),
    "broker-reset": Kind(30, reset_broker),
    "broker-black": Kind(60, black_broker, (1, 6)),
}
