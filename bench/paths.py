"""What a client can ask that is worth measuring, and the proof that it was really done."""

from collections.abc import Sequence
from random import Random
from typing import Protocol
from urllib.parse import quote

import psycopg
import requests

from bench.errors import BenchFailed
from bench.listings import ADJECTIVES, MATERIALS, NOUNS
from bench.requests import CACHED, Request
from bench.webhooks import event_about_nothing, signed

_PAGE = 24
_DEEP_PAGE = 200

Operation = Sequence[Request]
"""What one client asks, one after the other."""


class Path(Protocol):
    """One kind of operation, mostly a single request; `expected` are the statuses of its requests.

    `once`: each is sent at most once, because it changes something.
    """

    expected: Sequence[int]
    once: bool

    def operations(self, count: int) -> Sequence[Operation]:
        """So many operations; for each round new ones if they are sent once."""

    def verify(self, answered: int) -> None:
        """Raise BenchFailed unless the round's answers stand for work that was done."""


class Reads:
    """GET of one or more addresses, in turn."""

    expected: Sequence[int] = (200,)
    once = False

    def __init__(self, addresses: Sequence[str], *, cached: bool = False) -> None:
        headers = {CACHED: "yes"} if cached else {}
        self._operations = [(Request("GET", address, headers),) for address in addresses]

    def operations(self, count: int) -> Sequence[Operation]:
        """The same few each time."""
        return self._operations

    def verify(self, answered: int) -> None:
        """What is read leaves no trace: the status says all."""


class Webhooks:
    """A signed event of the provider that is about nobody's payment: it is verified, kept and owed."""

    expected: Sequence[int] = (200,)
    once = True

    def __init__(self, connection: psycopg.Connection, secret: str) -> None:
        self._connection = connection
        self._secret = secret

    def operations(self, count: int) -> Sequence[Operation]:
        """So many different events, signed now: the signature holds for five minutes."""
        self._before = self._kept()
        return [(signed(event_about_nothing(), self._secret),) for _ in range(count)]

    def verify(self, answered: int) -> None:
        """Each answer is an event in the inbox with the work that is owed for it."""
        if self._kept() != self._before + answered:
            raise BenchFailed(f"{answered} events were accepted, {self._kept() - self._before} are kept")

    def _kept(self) -> int:
        query = (
            "SELECT count(*) FROM provider_events JOIN deliveries ON dedupe_key = provider_events.id"
            " AND consumer = 'settlement.process_event'"
        )
        row = self._connection.execute(query).fetchone()
        return row[0] if row else 0


def first_page(*, cached: bool = False) -> Path:
    """The newest products."""
    return Reads([f"/v1/products?limit={_PAGE}"], cached=cached)


def deep_page(api: str, products: int) -> Path:
    """The 200th page, by its cursor; the last whole page when there are fewer."""
    left = min((_DEEP_PAGE - 1) * _PAGE, max(products - _PAGE, 1))
    cursor = ""
    while left > 0:
        limit = min(left, 100)
        page = requests.get(f"{api}/v1/products?limit={limit}{cursor}", timeout=30).json()
        if not page["next_cursor"]:
            raise BenchFailed(f"The catalog ends {left} products before the page that is wanted.")
        cursor = f"&cursor={quote(page['next_cursor'])}"
        left -= limit
    return Reads([f"/v1/products?limit={_PAGE}{cursor}"])


def searches() -> Path:
    """Two words of a name, as they are typed; most of them match some ten of 20,000 products."""
    drawn = Random(3)  # noqa: S311  # the same ones each time
    pairs = [(drawn.choice(ADJECTIVES.split()), drawn.choice(NOUNS.split())) for _ in range(200)]
    return Reads([f"/v1/products?limit={_PAGE}&q={adjective}%20{noun[:-1]}" for adjective, noun in pairs])


def broad_searches() -> Path:
    """A word that an eighth of the products has."""
    return Reads([f"/v1/products?limit={_PAGE}&q={word}" for word in MATERIALS.split()[:8]])


def deep_search(api: str) -> Path:
    """The 50th page of one of them; the last when there are fewer."""
    cursor = ""
    for _ in range(49):
        page = requests.get(f"{api}/v1/products?limit={_PAGE}&q=steel{cursor}", timeout=30).json()
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={quote(page['next_cursor'])}"
    return Reads([f"/v1/products?limit={_PAGE}&q=steel{cursor}"])


def searches_in_categories() -> Path:
    """A word within one category of forty."""
    words = MATERIALS.split()
    return Reads(
        [f"/v1/products?limit={_PAGE}&category=category-{n}&q={words[n % 30]}" for n in range(1, 41)]
    )


def details(products: int, *, different: int = 1000, cached: bool = False) -> Path:
    """Pages of so many products from all over the catalog."""
    drawn = Random(2).choices(range(1, products + 1), k=different)  # noqa: S311  # the same ones each time
    return Reads([f"/v1/products/product-{number}" for number in drawn], cached=cached)
