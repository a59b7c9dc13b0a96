"""What can be measured, in the order in which it is."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import backroom
from bench.bench import Bench
from bench.nothing import nothing
from bench.paths import (
    Adds,
    Checkouts,
    Path,
    Webhooks,
    broad_searches,
    deep_page,
    deep_search,
    details,
    first_page,
    searches,
    searches_in_categories,
)
from bench.rounds import Measure, of_path


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table: a kind of request, or work of the backroom."""

    title: str
    path: Callable[[Bench], Path] | None = None
    work: Callable[[Bench], Measure] | None = None
    prepare: Callable[[Bench], None] | None = None
    """Makes the work that a profile is taken of."""

    by_bare_celery: bool = False
    """Whether it is not the shop's workers who do the work."""

    def measure(self, bench: Bench) -> Measure:
        """How to measure it on this bench."""
        if self.path:
            return of_path(bench, self.path(bench))
        if self.work:
            return self.work(bench)
        raise TypeError("A scenario is a path or work.")


def _api(bench: Bench) -> str:
    return f"http://127.0.0.1:{bench.shop.api_port}"


def _webhooks(bench: Bench) -> Path:
    return Webhooks(bench.connection, bench.shop.keys.stripe_webhook_secret)


SCENARIOS = {
    "list": Scenario("list of 24, first page", lambda _: first_page()),
    "list-cached": Scenario("list of 24, finished answer", lambda _: first_page(cached=True)),
    "detail-cached": Scenario(
        "detail, finished answers of 100",
        lambda bench: details(bench.options.products, different=100, cached=True),
    ),
    "deep": Scenario("list of 24, 200th page", lambda bench: deep_page(_api(bench), bench.options.products)),
    "search": Scenario("search, two words", lambda _: searches()),
    "broad": Scenario("search, an eighth of all", lambda _: broad_searches()),
    "broad-deep": Scenario("the same, 50th page", lambda bench: deep_search(_api(bench))),
    "shelf": Scenario("search within a category", lambda _: searches_in_categories()),
    "detail": Scenario("detail of a product", lambda bench: details(bench.options.products)),
    "add": Scenario("add a second line to a cart", lambda bench: Adds(bench.connection, bench.crowd)),
    "checkout": Scenario("checkout of two lines", lambda bench: Checkouts(bench.connection, bench.crowd)),
    "webhook": Scenario("webhook: verify, keep, 200", _webhooks),
    "backlog": Scenario("one delivery of a backlog", work=backroom.backlog, prepare=backroom.pile_up),
    "order": Scenario("paid order, webhook to mails", work=backroom.live),
    "nothing": Scenario("one message of a bare Celery", work=nothing, by_bare_celery=True),
}
"""By the names of the options."""
