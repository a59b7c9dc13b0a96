import json
from pathlib import Path
from typing import Any

import requests

from tests.ops.scraped import Numbers
from tests.system.shop import Shop
from tests.system.shopping import PAID, place_order
from tests.system.waiting import until

FIRST = ("timestamp", "level", "logger", "event")
PAID_ORDERS = {"late": "false"}


def lines(shop: Shop, name: str) -> list[dict[str, Any]]:
    """The log of a part as far as it is ours: the servers' own banners are left out."""
    text = (Path(shop.log).parent / f"var/log/{name}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def scrape(shop: Shop) -> Numbers:
    return Numbers.of(requests.get(f"{shop.api}/metrics", timeout=10).text)


def checkouts(page: Numbers) -> float:
    """How many orders were placed; of some the payment was opened later, when Stripe was slow."""
    checkout = {"method": "POST", "route": "/v1/checkout"}
    placed = (
        page.get("backroom_http_requests_total", **checkout, status=status) for status in ("201", "202")
    )
    return sum(placed)


def test_a_line_of_the_log_reads_the_same_wherever_it_was_written(shop: Shop) -> None:
    sale = place_order(shop)
    found = "SELECT request_id FROM events WHERE topic = 'orders.placed' AND subject = %(id)s"
    ((request_id,),) = shop.rows(found, id=sale.order_id)

    logs = {name: lines(shop, name) for name in ("api", "worker-critical", "worker-email", "beat")}

    assert all(tuple(line)[:4] == FIRST for log in logs.values() for line in log)
    of_api, of_worker = (
        [line for line in logs[name] if line.get("request_id") == request_id]
        for name in ("api", "worker-email")
    )
    assert [line["path"] for line in of_api if line["event"] == "request"] == ["/v1/checkout"]
    done = [line for line in of_worker if line["event"] == "delivery_done"]
    assert [(line["task"], line["order_id"]) for line in done] == [
        ("notifications.order_received", sale.order_id)
    ]
    order = ("request_id", "actor", "task")
    told = {tuple(key for key in line if key in order) for line in [*of_api, *of_worker]}
    assert told == {("request_id", "actor"), order}


def test_the_page_sums_up_api_and_workers_and_survives_their_deaths(shop: Shop) -> None:
    before = scrape(shop)
    sale = place_order(shop)
    sale.pay()
    until(lambda: sale.state == PAID, "the payment")

    shop.kill("worker")
    shop.kill("api")
    until(lambda: _alive(shop, "worker") == 6 and _alive(shop, "api") == 2, "the next ones")

    after = scrape(shop)
    paid = "backroom_orders_paid_total"
    assert after.get(paid, **PAID_ORDERS) == before.get(paid, **PAID_ORDERS) + 1
    assert checkouts(after) == checkouts(before) + 1


def _alive(shop: Shop, role: str) -> float:
    try:
        return scrape(shop).get("backroom_processes", role=role)
    except requests.RequestException:
        return 0
