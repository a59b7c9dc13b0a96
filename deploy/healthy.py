"""Ends with 0 when what is named works: the health checks of the containers, which have no curl.

`http://...` answers 200; `tcp://host:port` accepts connections; a path has a file that was written in the
last ten minutes (beat stores its schedule every three).
"""

import glob
import os
import socket
import sys
import time
import urllib.request
from urllib.parse import urlsplit

_PATIENCE = 3.0
_OLDEST = 600.0


def main(target: str) -> None:
    """Exit with one line when the target is not healthy."""
    try:
        _check(target)
    except (OSError, ValueError) as problem:
        sys.exit(f"{target}: {problem}")


def _check(target: str) -> None:
    address = urlsplit(target)
    if address.scheme == "http":
        urllib.request.urlopen(target, timeout=_PATIENCE).close()  # noqa: S310 - http, as just seen
    elif address.scheme == "tcp":
        socket.create_connection((address.hostname or "", address.port or 0), _PATIENCE).close()
    else:
        # Which ending the file has depends on the database that Python found on the machine.
        ages = [time.time() - os.path.getmtime(path) for path in glob.glob(f"{target}*")]
        if not ages or min(ages) > _OLDEST:
            raise ValueError(f"nothing was written there for {_OLDEST:.0f} seconds")


if __name__ == "__main__":
    main(sys.argv[1])
