import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import requests

from proof.chaos.shop import Shop

Undo = Callable[[], None]


class Missed(Exception):
    """There was nothing that the fault could befall."""


@dataclass(slots=True)
class Scene:
    """What faults befall, and the dice for their victims. `kills` counts killed processes by part."""

    shop: Shop
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)

    def order_stripe(self, path: str, method: str = "POST", /, **body: Any) -> Any:
        """Tell the Stripe stand-in to do something. Raises RequestException."""
        key = {"Authorization": f"Bearer {self.shop.keys.stripe_api_key}"}
        url = f"{self.shop.addresses.stripe}/_admin/{path}"
        answer = requests.request(method, url, headers=key, json=body or None, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def order_mail(self, fault: str | None, count: int | None = None) -> None:
        """Let the mail server fail so often, or never. Raises RequestException."""
        url = f"{self.shop.addresses.mail_page}/faults"
        requests.put(url, json={"fault": fault, "count": count}, timeout=10).raise_for_status()

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What PostgreSQL answers, asked past the proxy. Raises psycopg.Error."""
        url = self.shop.embedded.postgres.plain_url
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            return connection.execute(statement.encode()).fetchall()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: about every so many seconds in a long run, each time for a while.

    `begin` does it, and answers how it ends, if it does not end by itself. It raises Missed, or what the
    victim's own library raises, when nothing was befallen.
    """

    every: float
    begin: Callable[[Scene], Undo | None]
    lasts: tuple[float, float] = (0.0, 0.0)
