"""What befalls connections between the shop and PostgreSQL or the broker."""

from collections.abc import Callable

from proof.chaos.faults.kind import Kind, Scene, Undo
from proof.chaos.line import AFTER, ALONG, BEFORE


def cut(way: str) -> Callable[[Scene], None]:
    """Cut the next few transactions around their COMMIT."""
    return lambda scene: scene.shop.database_line.cut_commits(way, scene.dice.randint(1, 3))


def reset_database(scene: Scene) -> None:
    """Break off about half of the connections to PostgreSQL."""
    scene.shop.database_line.break_off(0.5, scene.dice)


def reset_broker(scene: Scene) -> None:
    """Break off about half of the connections to the broker, in the middle of whatever is said."""
    scene.shop.broker_line.break_off(0.5, scene.dice)


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
