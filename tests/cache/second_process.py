"""Another process of the API: `python -m tests.cache.second_process PORT`, settings in the environment."""

import sys
from threading import Event

from app.factory import create_app
from app.platform import redis_server
from app.platform.cache import answers, store
from config import load
from tests.live import serving

PATIENCE_SECONDS = 10
"""A hundred threads of one process wait for each other longer than a few for Redis."""

if __name__ == "__main__":
    redis_server.PATIENCE_SECONDS = store.LOCK_SECONDS = answers.WAIT_SECONDS = PATIENCE_SECONDS
    with serving(create_app(load()), int(sys.argv[1])):
        Event().wait()
