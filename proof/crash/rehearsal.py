"""Playing without a fork, once: what Python, Flask and SQLAlchemy learn by it, every later fork knows."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock, patch

import typst
from flask import Flask
from kombu import pools

from app.media.gateway.protocol import Storage
from app.media.gateway.select import EXTENSION
from app.payments.gateway.inline import InlineCalls
from app.payments.gateway.select import inline_gateway
from app.platform.settings import settings
from proof.crash.edges import Edges
from proof.crash.life import Life, Order, Parts
from proof.crash.memory import Memory


@dataclass(slots=True)
class Rehearsal:
    """A life in this very process, where nothing goes wrong."""

    life: Life

    def tell(self, order: Order, *words: Any) -> Any:
        """Follow an order."""
        return order(self.life, *words)

    def thaw(self, order: Order) -> Any:
        """Nothing ever freezes here."""
        raise NotImplementedError(order)

    def end(self) -> None:
        """Close every connection: none must be open when a process is forked from this one."""
        parts = self.life.parts
        parts.engine.dispose()
        pools.reset()
        vars(parts.celery)["_pool"] = vars(parts.celery.amqp)["_producer_pool"] = None
        _renew_gateways(parts)
        gc.collect()
        gc.freeze()


def rehearse(parts: Parts) -> Rehearsal:
    """A life to rehearse with."""
    return Rehearsal(Life(parts, Edges(None, lambda: None), parts.app.test_client()))


@contextmanager
def without_threads(app: Flask) -> Iterator[None]:
    """Set no PDF and write no file: both start threads, for which every later fork would wait for ever."""
    from tasks import media  # it reads the environment, which is set by now

    setter = Mock(return_value=Mock(compile=Mock(return_value=b"%PDF")))
    storage: Storage = Memory()
    with (
        patch.object(typst, "Compiler", setter),
        patch.object(media, "storage", lambda: storage),
        patch.dict(app.extensions, {EXTENSION: storage}),
    ):
        yield


def _renew_gateways(parts: Parts) -> None:
    from tasks.settlement import gateway  # it reads the environment, which is set by now

    gateway.cache_clear()
    known = settings()
    parts.app.extensions["payment_gateway"] = inline_gateway(known)
    parts.app.extensions["inline_calls"] = InlineCalls(limit=known.stripe_inline_calls, monotonic=parts.clock)
