"""What programs have cost so far, and whether it is they who answer."""

from collections.abc import Mapping, Sequence

import psutil

from bench.errors import BenchFailed

Roots = Mapping[str, Sequence[int]]
"""The first processes of each part, by its name."""


def spent(roots: Roots) -> dict[str, float]:
    """CPU milliseconds of each part since its start, in user and kernel mode.

    A part is its first processes and everything below them. What has ended is in it too: the kernel adds a
    process's time, and that of its own ended children, to the parent that waits for it.
    """
    return {name: sum(map(_of_tree, pids)) for name, pids in roots.items()}


def _of_tree(root: int) -> float:
    while True:
        try:
            return sum(_of_process(each) for each in tree(root))
        except psutil.NoSuchProcess as gone:
            # A child ended between two looks: the parent's time was read without it. A root never ends.
            if gone.pid == root:
                raise BenchFailed(f"A server (process {root}) has died; its log is lost with it.") from None


def _of_process(process: psutil.Process) -> float:
    times = process.cpu_times()
    return 1000 * (times.user + times.system + times.children_user + times.children_system)


def tree(root: int) -> list[psutil.Process]:
    """A process and everything below it, parents before children."""
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def listeners(port: int) -> set[int | None]:
    """The processes that listen on a port; None is one of another user, or one that just began."""
    return {
        each.pid
        for each in psutil.net_connections(kind="tcp")
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port
    }


def check_listener(port: int, root: int) -> None:
    """Raise BenchFailed unless all who listen on the port are below this process: no stale server answers."""
    found, ours = listeners(port), {process.pid for process in tree(root)}
    if not found or not found <= ours:
        raise BenchFailed(f"Port {port} belongs to {found or 'nobody'}, not to the server that was started.")
