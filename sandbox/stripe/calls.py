from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.stripe.books import Json, Ledger


@dataclass(frozen=True)
class Call:
    """One request with its checked parameters, inside the transaction that will hold its effects.

    `address` is where a browser finds the stand-in's pages, without a trailing slash.
    """

    ledger: Ledger
    params: Json
    bank_seconds: float
    address: str


@dataclass(frozen=True)
class Endpoint:
    """One operation: its route, the SDK's type of its parameters, and which of them the stand-in models.

    `extra` are types of parameters that Stripe takes beyond the SDK's type; `dropped` are the error codes of
    parameters of earlier versions. A publishable endpoint takes the publishable key too, which browsers have.
    """

    method: str
    path: str
    answer: Callable[..., Json]
    accepts: type
    modelled: frozenset[str]
    extra: Mapping[str, Any] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    publishable: bool = False


@dataclass(frozen=True)
class Reply:
    """A finished answer; `request_id` is that of the request which did the work."""

    status: int
    body: bytes
    request_id: str
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def encode(shown: Any) -> bytes:
    """JSON as Stripe writes it: indented by two."""
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2)
