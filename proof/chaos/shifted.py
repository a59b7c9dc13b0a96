"""Runs a Python module whose clock goes wrong: `python -m proof.chaos.shifted SECONDS MODULE [WORDS...]`.

`time.time`, `time.time_ns` and what `datetime` calls now are so many seconds away; the monotonic clock and
the kernel are not. It is what libfaketime would do, where that is not installed, for programs in Python.
"""

import copyreg
import datetime as dates
import runpy
import sys
import time
from typing import Any


class _AnyMoment(type(dates.datetime)):  # type: ignore[misc]  # datetime's own metaclass is a plain type
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _true_datetime)


_true_datetime = dates.datetime
_true_time, _true_time_ns = time.time, time.time_ns


def shift(seconds: float) -> None:
    """Let this process believe that it is so much later. Call it before anything else is imported."""
    offset = dates.timedelta(seconds=seconds)

    class Shifted(_true_datetime, metaclass=_AnyMoment):
        """A datetime whose now is another."""

        @classmethod
        def now(cls, tz: dates.tzinfo | None = None) -> Any:
            return _true_datetime.now(tz) + offset

        @classmethod
        def utcnow(cls) -> Any:
            return _true_datetime.now(dates.UTC).replace(tzinfo=None) + offset

    Shifted.__name__ = Shifted.__qualname__ = Shifted.__module__ = "datetime"
    # True ones still come from C, and could not be pickled (beat does) under a name that is another's.
    copyreg.pickle(_true_datetime, lambda moment: (Shifted.fromisoformat, (moment.isoformat(),)))
    dates.datetime = Shifted  # type: ignore[misc]  # that is the point
    time.time = lambda: _true_time() + seconds
    time.time_ns = lambda: _true_time_ns() + int(seconds * 1e9)


if __name__ == "__main__":
    shift(float(sys.argv[1]))
    sys.argv[:] = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
