"""What can be measured, in the order in which it is."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import backroom, noop, nothing
from bench.bench import Bench
from bench.buying import Adds, Checkouts, Flows
from bench.expiry import expiry
from bench.hot import hot
from bench.memory import memory
from bench.openly import openly
from bench.paths import (
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
    """One row of the table: an operation that the API is asked for, or work."""

    title: str
    path: Callable[[Bench], Path] | None = None
    work: Callable[[Bench], Measure] | None = None
    prepare: Callable[[Bench], object] | None = None
    """Makes the work that a profile is taken of."""

    needs: str = ""
    """Which workers stand by: `backroom`, `lean`, `bare`, or none."""

    rounds: int | None = None
    """How many there are of it, whatever is wished for."""

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


def _adds(bench: Bench) -> Path:
    return Adds(bench.connection, bench.crowd)


def _checkouts(bench: Bench) -> Path:
    return Checkouts(bench.connection, bench.crowd)


def _details(bench: Bench) -> Path:
    return details(bench.options.products)


def _openly(path: Callable[[Bench], Path]) -> Callable[[Bench], Measure]:
    return lambda bench: openly(bench, path(bench))


SCENARIOS = {
    "list": Scenario("list of 24, first page", lambda _: first_page()),
    "list-cached": Scenario("list of 24, finished answer", lambda _: first_page(cached=True)),
    "detail-cached": Scenario(
        "detail, finished answers of 100",
        lambda bench: details(bench.options.products, different=100, cached=True),
    ),
    "deep": Scenario("list of 24, 200th page", lambda bench: deep_page(_api(bench), bench.options.products)),
    "search": Scenario("search, two words", lambda _: searches()),
    "broad": Scenario("broad search, an eighth of all", lambda _: broad_searches()),
    "broad-deep": Scenario("broad search, 50th page", lambda bench: deep_search(_api(bench))),
    "shelf": Scenario("search within a category", lambda _: searches_in_categories()),
    "detail": Scenario("detail of a product", _details),
    "add": Scenario("add a second line to a cart", _adds),
    "checkout": Scenario("checkout of two lines", _checkouts),
    "flow": Scenario("2 adds, deliveries, checkout", lambda bench: Flows(bench.connection, bench.crowd)),
    "webhook": Scenario("webhook: verify, keep, 200", _webhooks),
    "hot": Scenario("reserve the same two articles", work=hot),
    "hot-checkout": Scenario(
        "checkout of the same two", lambda bench: Checkouts(bench.connection, bench.crowd, same=True)
    ),
    "open-list": Scenario("list, 70 % of saturation", work=_openly(lambda _: first_page())),
    "open-detail": Scenario("detail, 70 % of saturation", work=_openly(_details)),
    "open-add": Scenario("add, 70 % of saturation", work=_openly(_adds)),
    "open-checkout": Scenario("checkout, 70 % of saturation", work=_openly(_checkouts)),
    "backlog": Scenario(
        "one delivery of a backlog", work=backroom.backlog, prepare=backroom.piled_up, needs="backroom"
    ),
    "order": Scenario("paid order, webhook to mails", work=backroom.live, needs="backroom"),
    "whole": Scenario("whole order, flow to mails", work=backroom.whole, needs="backroom"),
    "nothing": Scenario("message of a bare Celery", work=nothing.one_by_one, needs="bare"),
    "nothing-backlog": Scenario("bare Celery, of a backlog", work=nothing.piled_up, needs="bare"),
    "noop": Scenario("delivery of nothing", work=noop.one_by_one, needs="backroom"),
    "noop-backlog": Scenario("delivery of nothing, backlog", work=noop.with_backlog, needs="backroom"),
    "expiry": Scenario("order whose hold is over", work=expiry, needs="backroom", rounds=2),
    "memory": Scenario("delivery by a lean worker", work=memory, needs="lean", rounds=1),
}
"""By the names of the options."""
