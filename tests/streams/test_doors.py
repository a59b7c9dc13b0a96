"""Who is let in, and for how long."""

import time
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import requests
from flask.testing import FlaskClient

from app.platform.party import Party
from app.platform.tokens import new_token
from tests.buyers import Purchase, make_buyer
from tests.database import change
from tests.streams.listening import address, listening
from tests.streams.process import LIMITS, ORIGIN, LiveProcess
from tests.streams.test_news import ticket


def test_without_a_good_ticket_nobody_gets_in(client: FlaskClient, live: LiveProcess) -> None:
    good = address(live.url)
    refused = {
        f"{live.url}/v1/live": (401, "ticket-not-valid"),
        f"{good}x": (401, "ticket-not-valid"),
        address(live.url, lifetime=timedelta(seconds=-1)): (401, "ticket-not-valid"),
        address(live.url, login=uuid4()): (401, "ticket-not-valid"),
        f"{good}&last_event_id=yesterday": (400, "bad-request"),
        f"{live.url}/v1/nothing": (404, "not-found"),
    }

    for url, expected in refused.items():
        with listening(url) as stream:
            assert (stream.answer.status, stream.problem) == expected
            assert "X-Request-Id" in stream.answer.headers
    assert requests.post(good, timeout=9).status_code == 405
    assert '"event": "stream_refused"' in live.log
    assert good.partition("ticket=")[2] not in live.log


def test_a_stream_ends_with_its_ticket_and_shows_until_then_that_it_lives(
    client: FlaskClient, live: LiveProcess
) -> None:
    with listening(address(live.url, lifetime=timedelta(seconds=1))) as stream:
        lines = list(stream.lines())

    assert lines[0].startswith("retry: ")
    assert lines[1].startswith("id: ")
    assert ": heartbeat" in lines
    assert lines[-3:] == ["event: end", 'data: {"reason":"ticket-expired"}', ""]


def test_a_logout_a_suspension_and_a_permission_taken_away_end_streams(
    client: FlaskClient, live: LiveProcess
) -> None:
    gone, suspended, admin = make_buyer(client), make_buyer(client), make_buyer(client, role="admin")
    suspended_id, admin_id = (each.get("/v1/users/me").get_json()["id"] for each in (suspended, admin))
    urls = [ticket(live, each) for each in (gone, suspended, admin)]
    with listening(urls[0]) as first, listening(urls[1]) as second, listening(urls[2]) as third:
        gone.post("/v1/auth/logout")
        change("UPDATE users SET status = 'suspended' WHERE id = :id", id=suspended_id)
        change("UPDATE users SET permissions = ARRAY['catalog'] WHERE id = :id", id=admin_id)

        ends = [stream.next() for stream in (first, second, third)]

    assert [(end.event, end.data) for end in ends] == [("end", {"reason": "login-ended"})] * 3
    for url in urls:
        with listening(url) as again:
            assert (again.answer.status, again.problem) == (401, "ticket-not-valid")


def test_one_caller_takes_no_more_than_their_places(live: LiveProcess, bought: Purchase) -> None:
    url = ticket(live, bought.buyer)
    with listening(url), listening(url), listening(url) as third, listening(address(live.url)) as another:
        assert (third.answer.status, third.answer.headers["Retry-After"]) == (503, "10")
        assert third.problem == "too-many-streams"
        assert another.answer.status == 200

    deadline = time.monotonic() + 10
    while True:  # until the process has noticed that they hung up
        with listening(url) as again:
            if again.answer.status == 200:
                break
        assert time.monotonic() < deadline


def test_who_makes_up_guests_takes_no_more_than_the_places_of_one_address(
    client: FlaskClient, live: LiveProcess
) -> None:
    def of_new_guest(from_address: str) -> str:
        answer = client.post(
            "/v1/live-tickets",
            json={},
            headers={"X-Cart-Token": new_token()},
            environ_base={"REMOTE_ADDR": from_address},
        )
        return f"{live.url}/v1/live?ticket={answer.get_json()['ticket']}"

    most = int(LIMITS["LIVE_STREAMS_PER_ADDRESS"])
    with ExitStack() as places:
        theirs = [places.enter_context(listening(of_new_guest("203.0.113.9"))) for _ in range(most)]
        beyond = places.enter_context(listening(of_new_guest("203.0.113.9")))
        another = places.enter_context(listening(of_new_guest("203.0.113.10")))

        assert {stream.answer.status for stream in theirs} == {200}
        assert (beyond.answer.status, another.answer.status) == (503, 200)
        assert beyond.problem == "too-many-streams"
    assert "203.0.113" not in live.log


def test_pages_of_named_origins_may_listen_and_no_others(client: FlaskClient, live: LiveProcess) -> None:
    url = address(live.url)
    ask = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "last-event-id"}
    allowed = "Access-Control-Allow-Origin"
    with listening(url, Origin=ORIGIN) as ours, listening(url, Origin="https://evil.example") as other:
        found = [stream.answer.headers.get(allowed) for stream in (ours, other)]
    preflight = requests.options(url, headers=ask | {"Origin": ORIGIN}, timeout=9)

    assert found == [ORIGIN, None]
    assert (preflight.status_code, preflight.headers[allowed]) == (204, ORIGIN)
    assert "Last-Event-ID" in preflight.headers["Access-Control-Allow-Headers"]


def test_the_probes_answer_and_the_numbers_show_who_listens(client: FlaskClient, live: LiveProcess) -> None:
    with listening(f"{live.url}/v1/live"), listening(address(live.url, party=Party(token_hash="c" * 64))):
        page = requests.get(f"{live.url}/metrics", timeout=9).text

    assert requests.get(f"{live.url}/health", timeout=9).json() == {"status": "ok"}
    assert 'backroom_live_streams{kind="sse"} ' in page
    assert 'backroom_live_refused_total{code="ticket-not-valid"} ' in page
