"""Being told to stop: the command hears of it, once; its lanes end what they play, and are let go of."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_in_order() -> None:
    """Have the first signal raise KeyboardInterrupt; those that follow do not disturb the clearing away."""
    for each in _SIGNALS:
        signal.signal(each, _stop)


@contextmanager
def unheard() -> Iterator[None]:
    """Signals wait until this is over; who is started meanwhile hears none before `leave_it_to_others`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def leave_it_to_others() -> None:
    """Outlive signals, which a terminal sends to all. They are not ignored, as children would, too."""
    for each in _SIGNALS:
        signal.signal(each, _go_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, _go_on)
    raise KeyboardInterrupt


def _go_on(number: int, frame: FrameType | None) -> None:
    """Nothing."""
