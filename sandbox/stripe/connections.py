"""Ways in which a connection ends without an answer."""

import contextlib
import os
import socket
import struct

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def close(connection: socket.socket) -> None:
    """End it in order, as a server does that stops."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Break it off: the client sees that the connection was reset by its peer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    # Closing takes effect with the last of the server's handles; a dead socket in its place ends all of them.
    dead, other = socket.socketpair()
    other.close()
    os.dup2(dead.fileno(), connection.fileno())
    dead.close()


def stay_silent(connection: socket.socket) -> None:
    """Keep it open and say nothing, until the client has had enough of waiting."""
    with contextlib.suppress(OSError):
        connection.recv(1, socket.MSG_PEEK)
    close(connection)
