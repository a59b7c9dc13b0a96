"""Many who listen at once, and the end of the process with all of them."""

from contextlib import ExitStack
from typing import Any

import psutil
import requests
from flask.testing import FlaskClient

from app.events import feed
from app.platform.db import transaction
from app.platform.party import Party
from tests.buyers import Purchase, make_buyer
from tests.database import rows
from tests.log import let_log_settle
from tests.streams.listening import Stream, address, happen, listening
from tests.streams.process import LiveProcess
from tests.streams.test_news import ticket

CROWD = 200
MEGABYTE = 1_000_000


def crowd(live: LiveProcess, bought: Purchase, places: ExitStack) -> list[Stream]:
    """So many guests follow one order."""
    let_log_settle()
    with transaction() as session:
        same: dict[str, Any] = {"order_id": bought.order_id, "start": feed.end(session)}
    parties = [Party(token_hash=f"{number:064}") for number in range(CROWD)]
    urls = [address(live.url, party=party, **same) for party in parties]
    return [places.enter_context(listening(url)) for url in urls]


def test_a_crowd_is_told_at_once_by_few_connections_while_others_get_in(
    live: LiveProcess, bought: Purchase
) -> None:
    before = memory(live)
    with ExitStack() as places:
        streams = crowd(live, bought, places)
        assert requests.get(f"{live.url}/health", timeout=9).status_code == 200
        happen(bought.order_id)
        topics = {stream.next().data["topic"] for stream in streams}
        grown = memory(live) - before

        with ExitStack() as more:
            refused = next(
                stream
                for stream in (more.enter_context(listening(_another(live, each))) for each in range(20))
                if stream.answer.status != 200
            )
            assert (refused.answer.status, refused.problem) == (503, "too-many-streams")
        ((connections,),) = rows(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query LIKE '%pg_snapshot_xmin%'"
        )

    assert topics == {"orders.packed"}
    assert connections <= 5
    assert grown < 60 * MEGABYTE


def test_the_process_ends_within_seconds_whoever_listens(client: FlaskClient, live: LiveProcess) -> None:
    admin = make_buyer(client, role="admin")
    with listening(ticket(live, admin)):
        assert live.stop(within=30) == 0


def _another(live: LiveProcess, number: int) -> str:
    return address(live.url, party=Party(token_hash=f"{number + 1000:064}"))


def memory(live: LiveProcess) -> int:
    """Bytes of the process and its worker."""
    process = psutil.Process(live.pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
