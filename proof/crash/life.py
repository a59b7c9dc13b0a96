"""One life of the shop: a process that does what it is told, until it is killed or no longer needed.

It plays request and worker in turn, with the real application, the real tasks and the real broker.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from celery import Celery
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.events.subscriptions import QUEUES, RELAY_QUEUE
from app.platform import context
from app.platform.logging import get_logger
from proof.crash.edges import Edges, Plan
from proof.crash.wrapping import wrap

log = get_logger("proof.crash")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """What a life is made of, imported and put together once; no connection of theirs is open at a fork."""

    app: Flask
    engine: Engine
    celery: Celery
    clock: "Clock"
    log: Path


@dataclass(slots=True)
class Clock:
    """Seconds of this process, for those who pause; time can be let pass."""

    lead: float = 0.0

    def __call__(self) -> float:
        """Now."""
        return time.monotonic() + self.lead


@dataclass(frozen=True, slots=True)
class Life:
    """What an order to the shop can use."""

    parts: Parts
    edges: Edges
    client: FlaskClient


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """An order ended in an exception that the shop has no answer to."""

    reason: str


FROZEN = "frozen"
Order = Callable[..., Any]


def live(line: Connection, parts: Parts, plan: Plan | None) -> NoReturn:
    """Follow orders, each a function and its arguments, until there are no more."""
    _die_with_parent()
    edges = Edges(plan, stand_still=lambda: _stand_still(line))
    life = Life(parts, edges, parts.app.test_client())
    wrap(edges, parts.engine, parts.celery)
    try:
        while True:
            order, words = line.recv()
            line.send(_followed(order, life, words))
    except EOFError:
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _followed(order: Order, life: Life, words: tuple[Any, ...]) -> Any:
    try:
        return order(life, *words)
    except Exception:
        return Failed(traceback.format_exc())


def _stand_still(line: Connection) -> None:
    line.send(FROZEN)
    line.recv()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def write_to(file: Path) -> None:
    """Have all that this process and its forks print from now on in this file."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def count(life: Life) -> None:
    """Number the edges from now on."""
    life.edges.counting = True


def crossed(life: Life) -> tuple[list[str], bool]:
    """The edges so far, and whether what was planned has gone wrong."""
    return life.edges.names, life.edges.hit


def wait(life: Life, seconds: float) -> None:
    """Have as much time passed for those who pause."""
    life.parts.clock.lead += seconds


def request(life: Life, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
    """Answer one HTTP request, of JSON unless its headers say otherwise."""
    kind = {"Content-Type": "application/json"} if body is not None else {}
    answer = life.client.open(path, method=method, headers=kind | headers, data=body)
    return Answer(answer.status_code, dict(answer.headers), answer.get_data())


def work(life: Life, most: int = 1000) -> int:
    """Do up to so much of what has been rung, and of what follows from it; the answer is how much that was.

    A message is gone from the broker before its work begins: a killed worker never hears of it again.
    """
    done = 0
    with life.parts.celery.connection_for_read() as connection:
        channel = connection.default_channel
        queues = [life.parts.celery.amqp.queues[name].bind(channel) for name in (*QUEUES, RELAY_QUEUE)]
        while done < most and (message := _next(queues)):
            (words, named, _) = message.decode()
            run(life, message.headers["task"], *words, **named)
            done += 1
    return done


def _next(queues: Sequence[Any]) -> Any:
    """The next message of the first queue that has one."""
    return next(filter(None, (queue.get(no_ack=True) for queue in queues)), None)


def run(life: Life, task: str, *words: Any, **named: Any) -> bool:
    """Run a task as a worker does: what it raises ends the task, not the worker. Whether it went well."""
    context.begin(task=task, actor="worker")
    try:
        life.parts.celery.tasks[task](*words, **named)
    except Exception as error:
        log.warning("task_failed", task=task, reason=repr(error), exc_info=error)
        return False
    return True
