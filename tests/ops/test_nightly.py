import json
from datetime import timedelta
from io import StringIO

from flask.testing import FlaskClient

from app.events.services import publish_slot
from app.platform.db import transaction
from tests.database import change, rows
from tests.ops.conftest import Scrape
from tests.sales import make_sale
from tests.work import drain

NIGHTLY = "ops.check_invariants"


def reach(*, night: int) -> None:
    """A slot of its own for each night, long as an age: no test runs across its end."""
    with transaction() as session:
        publish_slot(session, NIGHTLY, timedelta(days=20_000 + night))


def test_a_night_without_findings_leaves_zeros(client: FlaskClient, scrape: Scrape) -> None:
    with transaction() as session:
        make_sale(session)
    reach(night=1)

    assert NIGHTLY in drain()

    assert scrape().get("backroom_invariant_violations", invariant="I1") == 0
    assert rows("SELECT DISTINCT violations FROM invariant_checks") == [(0,)]
    assert rows("SELECT name FROM scheduled_jobs") == [(NIGHTLY,)]


def test_what_is_broken_is_on_the_page_and_in_the_log_until_it_is_mended(
    client: FlaskClient, scrape: Scrape, logged: StringIO
) -> None:
    with transaction() as session:
        sale = make_sale(session)
    change("UPDATE stock_levels SET on_hand = 6")
    reach(night=1)
    drain()

    assert scrape().get("backroom_invariant_violations", invariant="I3") == 1
    (told,) = [json.loads(line) for line in logged.getvalue().splitlines() if "invariant_broken" in line]
    assert (told["level"], told["invariant"], told["count"]) == ("error", "I3", 1)
    assert told["examples"] == [sale.product.sku]

    change("UPDATE stock_levels SET on_hand = 5")
    reach(night=2)
    drain()

    assert scrape().get("backroom_invariant_violations", invariant="I3") == 0


def test_a_night_comes_once_however_often_beat_says_so(client: FlaskClient) -> None:
    for _ in range(3):
        reach(night=1)

    assert drain() == [NIGHTLY]
