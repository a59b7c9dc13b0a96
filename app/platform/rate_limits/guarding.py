"""Charging each request to whoever makes it: once, as soon as it is known who that is."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_network
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from prometheus_client import Counter
from redis import Redis

from app.platform.access import Access
from app.platform.errors import TooManyRequests
from app.platform.rate_limits.policy import (
    ADDRESS,
    READ,
    REJECTED,
    TOGETHER,
    USER,
    WRITE,
    Limit,
    Policy,
)
from app.platform.rate_limits.tally import Charge, Tally

View = TypeVar("View", bound=Callable[..., Any])

REFUSED = Counter("backroom_rate_limited", "Requests over a limit", ["route_class", "kind"])
CREDENTIALS = {"users": "Authorization", "keys": "X-Api-Key"}
"""The header that says who somebody is, by the kind of caller that a route lets in."""
EXTENSION = "rate_limits"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class RateLimits:
    """The policy, who counts by it, and what is to be done around each request of an application."""

    def __init__(self, app: Flask, policy: Policy, tally: Tally) -> None:
        self.policy = policy
        self.tally = tally
        self._views = app.view_functions

    def admit(self) -> None:
        """Count the request for its address, or leave that to the guard that will look at its credentials.

        To look at a key takes the database, so that too many wrong ones are refused before; a bad token shows
        by itself, and those do not keep the good ones of the same address out. Raises TooManyRequests.
        """
        marks = self._marks(request.endpoint)
        route_class = _route_class(marks, request.method)
        if route_class is None:
            return
        brought = _brought(marks.get("access"))
        if not brought:
            self.charge(route_class, ADDRESS, caller_address())
        elif "users" not in brought:
            self._check_rejected()

    def charge(self, route_class: str, kind: str, identifier: str) -> None:
        """Count the request in hand. Raises TooManyRequests."""
        found = g.charge = self.tally.charge(
            f"{route_class}:{kind}:{identifier}", self._limit(route_class, kind)
        )
        if not found.allowed:
            _refuse(found, route_class, kind)

    def charge_recognised(self, kind: str, identifier: str) -> None:
        """Count the request in hand for whom a guard has recognised. Raises TooManyRequests."""
        route_class = _route_class(self._marks(request.endpoint), request.method)
        if route_class is None:
            return
        self.charge(route_class, kind, identifier)
        if kind == USER:
            own = g.charge
            self.charge(route_class, TOGETHER, caller_address())
            g.charge = own

    def charge_rejected(self) -> None:
        """Count the request in hand for bad credentials, unless it counts already. Raises TooManyRequests."""
        if g.get("charge") is None:
            self.charge(REJECTED, ADDRESS, caller_address())

    def tell(self, response: Response) -> Response:
        """Say on the answer what is left."""
        known: Charge | None = g.get("charge")
        if known is None:
            if _route_class(self._marks(request.endpoint), request.method) is None:
                return response
            known = self.tally.charge(_rejected_key(), self._limit(REJECTED, ADDRESS))
        add = response.headers.add
        add("RateLimit-Limit", str(known.limit))
        add("RateLimit-Remaining", str(known.remaining))
        add("RateLimit-Reset", str(known.reset))
        return response

    def _check_rejected(self) -> None:
        found = self.tally.look(_rejected_key(), self._limit(REJECTED, ADDRESS))
        if not found.allowed:
            g.charge = found
            _refuse(found, REJECTED, ADDRESS)

    def _limit(self, route_class: str, kind: str) -> Limit:
        return self.policy.get((route_class, kind)) or self.policy[route_class, ADDRESS]

    def _marks(self, endpoint: str | None) -> dict[str, Any]:
        view = self._views.get(endpoint or "")
        return {} if view is None else vars(view)


def unlimited(view: View) -> View:
    """Mark a route that is never refused: probes."""
    vars(view)["route_class"] = None
    return view


def limited_as(route_class: str) -> Callable[[View], View]:
    """Put a route into another class than its method would. Stands anywhere below `@blueprint.route`."""

    def mark(view: View) -> View:
        vars(view)["route_class"] = route_class
        return view

    return mark


def register_rate_limits(app: Flask, *, policy: Policy, server: Redis) -> None:
    """Refuse whoever asks too much with 429, and tell everybody on each answer what is left."""
    limits = app.extensions[EXTENSION] = RateLimits(app, policy, Tally(server))
    app.before_request(limits.admit)
    app.after_request(limits.tell)


def charge(kind: str, identifier: str) -> None:
    """Count the request in hand for a user or an API key, whom a guard has just recognised.

    Raises TooManyRequests.
    """
    limits: RateLimits = current_app.extensions[EXTENSION]
    limits.charge_recognised(kind, identifier)


def charge_rejected() -> None:
    """Count the request in hand for credentials that a guard has just found to be no good.

    Raises TooManyRequests.
    """
    limits: RateLimits = current_app.extensions[EXTENSION]
    limits.charge_rejected()


def caller_address() -> str:
    """Where the request comes from. Of IPv6 the first half: everybody has all of the other."""
    address = request.remote_addr or "unknown"
    return network_of(address) if ":" in address else address


def network_of(address: str) -> str:
    """What one subscriber of IPv6 is given, a /64; a mapped IPv4 address is itself."""
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False).network_address)


def _refuse(found: Charge, route_class: str, kind: str) -> None:
    REFUSED.labels(route_class, kind).inc()
    raise TooManyRequests(
        f"More than {found.limit} requests in a minute. Ask again in {found.retry_after} s.",
        retry_after=found.retry_after,
    )


def _brought(access: Access | None) -> set[str]:
    """As which kinds of caller the request says to come, of those that its route lets in."""
    let_in = access.let_in if access else ()
    return {kind for kind, header in CREDENTIALS.items() if kind in let_in and request.headers.get(header)}


def _rejected_key() -> str:
    return f"{REJECTED}:{ADDRESS}:{caller_address()}"


def _route_class(marks: dict[str, Any], method: str) -> str | None:
    """The class of a route; None is without a limit."""
    route_class: str | None = marks.get("route_class", READ if method in READING else WRITE)
    return route_class
