"""Where a third party may have us call: public addresses, and nothing inside of our own house."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Resolver = Callable[[str, int], list[str]]
_NOT_FOR_CALLS = ("is_multicast", "is_reserved", "is_unspecified", "is_link_local", "is_site_local")
_NOT_PUBLIC_EITHER = [
    ip_network(each)
    for each in (
        "192.0.0.0/24",  # whole, as IANA has it; clouds keep metadata there (192.0.0.192)
        "192.88.99.0/24",  # relays to IPv6, given up
        "168.63.129.16/32",  # a cloud's own service on each of its machines
        "3fff::/20",  # for documentation
    )
]
"""What older versions of Python take for public."""


class Forbidden(Exception):
    """A name that leads to an address at which nobody outside has anything to call."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the machine knows them. Raises OSError when it knows none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(host: str, port: int, *, local_targets: bool, resolver: Resolver = resolve) -> list[str]:
    """The addresses of a name, asked for once: connect to these, and not to the name.

    Raises Forbidden when any of them is not public; with `local_targets` this machine's own may be. Raises
    OSError when there are none.
    """
    found = resolver(host, port)
    if not all(may_be_called(each, local_targets=local_targets) for each in found):
        raise Forbidden("the name leads to an address that is not public")
    return found


def may_be_called(address: str, *, local_targets: bool) -> bool:
    """Whether an address is public, however it is written, and whatever it carries inside."""
    known: IPv4Address | IPv6Address = ip_address(_written_out(address))
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return may_be_called(str(known.ipv4_mapped), local_targets=local_targets)
        if known.sixtofour is not None:
            return may_be_called(str(known.sixtofour), local_targets=False)
    if local_targets and known.is_loopback:
        return True
    if any(known in each for each in _NOT_PUBLIC_EITHER):
        return False
    return known.is_global and not any(getattr(known, each, False) for each in _NOT_FOR_CALLS)


def _written_out(address: str) -> str:
    """127.0.0.1 for 2130706433, 0x7f.1 and the like, which whoever looks names up takes for numbers, too."""
    try:
        return socket.inet_ntoa(socket.inet_aton(address))
    except OSError:
        return address
