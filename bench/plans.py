"""How many rows PostgreSQL touches for one page of a list: `python -m bench.plans --listings 1000000`.

The pages are asked of the shop's own query functions. Each statement that these send is sent once more with
EXPLAIN ANALYZE, and the rows of its scans and sorts are counted. Time says little on a busy machine; rows and
buffers are the same each time.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.orm import Session

from app.catalog.queries import listing
from app.catalog.queries.texts import Texts
from app.platform.db import searching
from bench.errors import BenchFailed
from bench.listings import made_up, make_listings
from sandbox.postgres import Postgres
from sandbox.progress import Progress

QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "newest": {},
    "cheapest": {"sort": "price"},
    "dearest": {"sort": "-price"},
    "by name": {"sort": "name"},
    "best rated": {"sort": "rating"},
    "most popular": {"sort": "popularity"},
    "a small category, newest": {"category": str(made_up("leaf 50-3"))},
    "a category, cheapest": {"category": str(made_up("middle 50")), "sort": "price"},
    "a large category, most popular": {"category": str(made_up("top 0")), "sort": "popularity"},
    "a large category at the cheap end, dearest": {"category": str(made_up("top 0")), "sort": "-price"},
    "a brand, newest": {"brand": "Brand 0"},
    "a rare brand in stock, cheapest": {"brand": "Brand 450", "in_stock": True, "sort": "price"},
    "a seller, by name": {"seller": made_up("seller 7"), "sort": "name"},
    "featured, most popular": {"featured": True, "sort": "popularity"},
    "not featured, newest": {"featured": False},
    "in stock, best rated": {"in_stock": True, "sort": "rating"},
    "sold out, newest": {"in_stock": False},
    "a narrow range of prices, best rated": {"min_price": 7000, "max_price": 7005, "sort": "rating"},
    "a wide range of prices, newest": {"min_price": 1000, "max_price": 9000},
    "two attributes, by name": {"attribute": [("color", "red"), ("size", "10")], "sort": "name"},
    "everything at once": {
        "category": "top-0",
        "brand": "Brand 0",
        "in_stock": True,
        "min_price": 600,
        "attribute": [("color", "red")],
        "sort": "price",
    },
    "search, few": {"q": "rustic oak chair"},
    "search, many": {"q": "chair"},
    "search, everything": {"q": "made"},
    "search while typing": {"q": "red ch"},
    "search within a category": {"q": "marble", "category": "middle-50"},
    "search within a large category": {"q": "marble", "category": "top-0"},
    "search many, cheapest": {"q": "chair", "sort": "price"},
    "search mistyped": {"q": "marbel chiar"},
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page made PostgreSQL do: rows that scans read, the most that one sort took, pages of 8 kB."""

    items: int
    statements: int
    rows: int
    sorted: int
    buffers: int
    milliseconds: float


DEEP = {"newest": 200, "cheapest": 200, "search, many": 50, "a large category, most popular": 50}
"""Of these also a page far behind, by its number."""


def page_cost(session: Session, question: Mapping[str, Any], *, number: int = 1) -> Cost:
    """What a page of 24 costs, the first one or another; raises BenchFailed when there are fewer."""
    cursor = None
    for _ in range(number - 1):
        cursor = listing.products(session, texts=Texts(), cursor=cursor, limit=24, **question)["next_cursor"]
        if cursor is None:
            raise BenchFailed(f"There is no page {number} of {question}.")
    with _sent(session.connection()) as statements:
        page = listing.products(session, texts=Texts(), cursor=cursor, limit=24, **question)
    plans = [_explained(session.connection(), *each) for each in statements]
    nodes = [node for plan in plans for node in _nodes(plan["Plan"])]
    return Cost(
        items=len(page["items"]),
        statements=len(plans),
        rows=sum(_read(node) for node in nodes),
        sorted=max((_sorted(node) for node in nodes), default=0),
        buffers=sum(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans),
        milliseconds=round(sum(plan["Execution Time"] for plan in plans), 2),
    )


@contextmanager
def _sent(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _explained(connection: Connection, statement: str, parameters: Any) -> dict[str, Any]:
    explain = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}"
    (plan,) = connection.exec_driver_sql(explain, parameters).scalar_one()
    found: dict[str, Any] = plan
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _read(node: dict[str, Any]) -> int:
    """The rows of a table that a scan has looked at, those it threw away included."""
    if "Relation Name" not in node:
        return 0
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + thrown) * node["Actual Loops"])


def _sorted(node: dict[str, Any]) -> int:
    if node["Node Type"] not in {"Sort", "Incremental Sort"}:
        return 0
    return max(int(child["Actual Rows"] * child["Actual Loops"]) for child in node["Plans"])


def main() -> None:
    """Boot a PostgreSQL of our own, fill it, and print a line for each question."""
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000, help="how many are made up (100000)")
    count = parser.parse_args().listings
    with TemporaryDirectory(prefix="backroom-plans-") as name, ExitStack() as until_the_end:
        folder = Path(name)
        folder.chmod(0o711)  # the account of PostgreSQL must pass through
        settings = {"shared_buffers": "1GB", "maintenance_work_mem": "256MB", "fsync": "off"}
        server = Postgres(folder / "postgres", log=folder / "postgres.log", settings=settings)
        until_the_end.callback(server.stop)
        server.start()
        _migrate(server.url)
        engine = create_engine(server.url, connect_args={"options": searching("english")})
        until_the_end.callback(engine.dispose)
        with engine.begin() as connection:
            make_listings(connection, count)
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE)")
        Progress().say(f"{count} listings are made up")
        with Session(engine) as session:
            _print_costs(session)


def _migrate(url: str) -> None:
    config = Config(toml_file=Path(__file__).parents[1] / "pyproject.toml")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _print_costs(session: Session) -> None:
    print("| question | items | SQL | rows | sorted | buffers | ms |\n|---|--:|--:|--:|--:|--:|--:|")
    pages = [(name, 1) for name in QUESTIONS] + list(DEEP.items())
    for name, number in pages:
        page_cost(session, QUESTIONS[name], number=number)  # once for the caches
        cost = page_cost(session, QUESTIONS[name], number=number)
        title = name if number == 1 else f"{name}, page {number}"
        figures = (cost.items, cost.statements, cost.rows, cost.sorted, cost.buffers, cost.milliseconds)
        print(f"| {title} | {' | '.join(map(str, figures))} |", flush=True)


if __name__ == "__main__":
    main()
