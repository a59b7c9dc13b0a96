"""The event types that exist, taken from the SDK."""

from fnmatch import fnmatchcase
from typing import Any, get_args

from stripe.params import WebhookEndpointCreateParams

from sandbox.stripe import parameters


def _names(hint: Any) -> frozenset[str]:
    inner = get_args(hint)
    if not inner:
        return frozenset()
    return frozenset(name for name in inner if isinstance(name, str)).union(*map(_names, inner))


KNOWN = _names(parameters.fields(WebhookEndpointCreateParams)["enabled_events"]) - {"*"}


def matching(pattern: str) -> list[str]:
    """The event types of a pattern such as `charge.*`; a pattern that fits none is its own only type."""
    return sorted(name for name in KNOWN if fnmatchcase(name, pattern)) or [pattern]
