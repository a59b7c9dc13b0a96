"""Where the live process is, and how much of it there is for everybody, as the settings say."""

from dataclasses import dataclass
from datetime import timedelta

from app.platform.environment import Environment

PATH = "/v1/live"
"""Where the live process has its streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRules:
    """`url` is where clients reach the live process.

    Of the streams that one process holds, each caller may have `streams_per_caller`, and all of an address
    `streams_per_address`: guests are made up at will. While somebody listens, the log is looked at each
    `poll`, and each `check` whether their logins still stand.
    """

    url: str
    ticket_lifetime: timedelta
    streams: int
    streams_per_caller: int
    streams_per_address: int
    poll: timedelta
    check: timedelta
    heartbeat: timedelta


def live_rules(env: Environment, public_url: str) -> LiveRules:
    """What the environment says; `public_url` is the API's own address. Raises SettingError."""
    return LiveRules(
        url=env.public_url("LIVE_URL", public_url),
        ticket_lifetime=env.seconds("LIVE_TICKET_LIFETIME", 300),
        streams=env.integer("LIVE_STREAMS", 2000, least=1, most=8000),
        streams_per_caller=env.integer("LIVE_STREAMS_PER_CALLER", 10, least=1),
        streams_per_address=env.integer("LIVE_STREAMS_PER_ADDRESS", 200, least=1),
        poll=env.seconds("LIVE_POLL", 0.25),
        check=env.seconds("LIVE_CHECK", 5),
        heartbeat=env.seconds("LIVE_HEARTBEAT", 15),
    )
