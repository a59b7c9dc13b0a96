"""granian, with workers that share what they load: `python -m deploy.serve --interface wsgi ... wsgi:app`.

granian forks its workers, and each would load all modules by itself. Loaded before the fork they are loaded
once and in memory once, and the successor of a worker that died serves in a moment. Nothing else happens
before the fork: settings, threads and connections are made by `wsgi`, in each worker. Where processes are not
forked (macOS, Python 3.14) each worker loads by itself, as with granian's own command.
"""

from importlib import import_module
from multiprocessing import get_start_method

from granian.cli import entrypoint

from app.platform import garbage

LOADED = (
    "app.factory",
    "app.payments.gateway.stripe",
    "config",
    "tasks.celery",
    "tasks.doorbell",
    "tasks.encryption",
    "tasks.schedule",
)
"""All that `wsgi` comes to import, but the settings of Celery, which read the environment."""


def load() -> None:
    """Load what all workers share."""
    with garbage.left_alone():
        for name in LOADED:
            import_module(name)


if __name__ == "__main__":
    if get_start_method() == "fork":
        load()
    entrypoint()  # type: ignore[no-untyped-call]  # granian
