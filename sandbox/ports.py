import secrets
import socket

from sandbox.errors import CannotStart

# Below the range that systems hand out for outgoing connections: none of these can take a port while the
# server that owns it is being restarted.
_FIRST, _LAST = 20_000, 31_999
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections linger in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A random port of 127.0.0.1 that nobody listens on.

    As long as this process lives nobody gets it again from here, in other processes too: the server that it
    is for may be started later.
    """
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST + 1)
        if port not in _given and is_free(port) and _keep(port):
            _given.add(port)
            return port


def _keep(port: int) -> bool:
    """Mark a port as given, by taking its number for datagrams, which nothing here sends."""
    with socket.socket(type=socket.SOCK_DGRAM) as mark:
        try:
            mark.bind(("127.0.0.1", port))
        except OSError:
            return False
        mark.detach()  # open until the process ends
    return True


def wanted_port(port: int, variable: str) -> int:
    """The port itself; raises CannotStart, naming the variable that moves it, when it is taken."""
    if not is_free(port):
        raise CannotStart(f"Port {port} is taken: stop what listens there, or set {variable} to another")
    return port
