"""How much each kind of caller may ask for in a minute, by class of route: a table and its setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.platform.environment import Environment, SettingError

ADDRESS, USER, KEY, TOGETHER = KINDS = ("address", "user", "key", "together")
"""Who is counted: callers who proved nothing by where they come from, users and API keys by themselves, and
all users of one address together."""
READ, WRITE, ORDER, ENTRY, WEBHOOK, REJECTED = CLASSES = (
    "read",
    "write",
    "order",
    "entry",
    "webhook",
    "rejected",
)
"""Of routes: what asks; what changes; what moves stock and money; logins and registrations; what providers
report. `rejected` are requests whose credentials were no good, on whatever route."""
WINDOW_SECONDS = 60
SETTING = "RATE_LIMITS"
IN_DEVELOPMENT = 6_000
DEFAULTS = {
    (READ, ADDRESS): 600,
    (READ, USER): 1_200,
    (READ, KEY): 6_000,
    (READ, TOGETHER): 12_000,
    (WRITE, ADDRESS): 120,
    (WRITE, USER): 300,
    (WRITE, KEY): 3_000,
    (WRITE, TOGETHER): 3_000,
    (ORDER, ADDRESS): 30,
    (ORDER, USER): 60,
    (ORDER, KEY): 1_200,
    (ORDER, TOGETHER): 600,
    (ENTRY, ADDRESS): 60,
    (ENTRY, TOGETHER): 600,
    (WEBHOOK, ADDRESS): 60_000,
    (REJECTED, ADDRESS): 300,
}
"""Requests a minute."""
LARGEST_BATCH = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in any minute; each process counts a `batch` for itself before it tells the others."""

    requests: int
    batch: int


def limit_of(requests: int) -> Limit:
    """A limit with batches of 2 %, one request at least.

    Generous limits cost nearly nothing and are overdrawn by 2 % per process at most; strict ones, below 100,
    are told of each request and exact.
    """
    return Limit(requests, batch=max(1, min(requests // 50, LARGEST_BATCH)))


Policy = Mapping[tuple[str, str], Limit]


def policy_from(environment: Environment) -> Policy:
    """The defaults, changed by RATE_LIMITS: entries `class.kind=requests`, `*` is any; the last wins."""
    generous = environment.app_env == "development"
    counts = {bucket: max(count, IN_DEVELOPMENT) if generous else count for bucket, count in DEFAULTS.items()}
    for entry in (environment.optional(SETTING) or "").split(","):
        if entry.strip():
            counts |= _changed(entry.strip())
    return MappingProxyType({bucket: limit_of(count) for bucket, count in counts.items()})


def _changed(entry: str) -> dict[tuple[str, str], int]:
    pattern, _, count = entry.partition("=")
    route_class, _, kind = pattern.strip().partition(".")
    matching = [each for each in DEFAULTS if route_class in ("*", each[0]) and kind in ("*", each[1])]
    if not matching or not count.strip().isdecimal() or int(count) < 1:
        raise SettingError(
            f"{SETTING} must be entries like read.address=600, separated by commas: one of"
            f" {', '.join(CLASSES)} or *, one of {', '.join(KINDS)} or *, and requests a minute."
        )
    return dict.fromkeys(matching, int(count))
