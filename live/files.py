"""Every stream is an open file, and systems allow a process 1,024 of them unless it asks for more."""

import resource

from app.platform.logging import get_logger

log = get_logger("live")

BESIDE = 256
"""For the database, logs, libraries, and readers who are being turned away."""


def allow_files(streams: int) -> None:
    """Allow this process to hold so many streams open; where the system forbids it, the log says so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = streams + BESIDE
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning("too_few_files", allowed=most, wanted=wanted)
