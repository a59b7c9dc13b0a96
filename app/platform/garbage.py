"""Python's garbage collector while a process loads: what is made then stays, so looking at it is in vain."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_alone() -> Iterator[None]:
    """Collect nothing inside, and never look at what was made there: a fifth of an API's start.

    Forked children share those pages for longer, because the collector writes to what it looks at.
    """
    is_outermost = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_outermost:
            gc.freeze()
            gc.enable()
