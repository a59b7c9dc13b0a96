"""Holds of other channels that are over, and calls that come at once."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.inventory.services import holds
from app.platform.db import transaction
from tests.buyers import shelf
from tests.database import count, lock_waiters, rows
from tests.inventory.till import Till, become_old, broken, level, refusal, sweep
from tests.threads import together
from tests.waiting import wait


def test_a_hold_that_is_over_is_given_back_and_not_sold(till: Till) -> None:
    lamp, chair = shelf(stock=5), shelf(stock=5)
    till.reserve({lamp: 2, chair: 1})
    till.reserve({lamp: 1}, "r2")
    become_old()
    till.reserve({lamp: 1}, "fresh")

    assert (sweep(), sweep()) == (2, 0)

    assert (level(lamp), level(chair)) == ((5, 1), (5, 0))
    assert refusal(till.commit()) == (409, "reservation-conflict")
    assert till.release().get_json()["status"] == "expired"
    assert rows("SELECT payload -> 'expired' FROM events WHERE topic = 'inventory.hold_released'") == [
        (True,),
        (True,),
    ]
    assert broken() == []


def test_what_nobody_has_given_back_yet_can_still_be_sold(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})
    become_old()

    assert (broken(), till.commit().status_code, sweep()) == (["I50"], 200, 0)
    assert (level(lamp), broken()) == ((3, 0), [])


def test_the_same_sale_from_many_threads_happens_once(till: Till) -> None:
    lamp = shelf(stock=50)

    def sell() -> tuple[int, int]:
        twin = Till(till.client.application.test_client(), till.headers)
        return twin.reserve({lamp: 2}).status_code, twin.commit().status_code

    done = together(*[sell for _ in range(6)])

    assert done == [(201, 200)] * 6
    assert (level(lamp), count("stock_holds"), broken()) == ((48, 0), 1, [])


def test_selling_and_expiring_at_once_leaves_one_of_both(till: Till) -> None:
    lamp = shelf(stock=50)
    references = [f"r{number}" for number in range(6)]
    for reference in references:
        till.reserve({lamp: 1}, reference)
    become_old()

    def sell(reference: str) -> int:
        return Till(till.client.application.test_client(), till.headers).commit(reference).status_code

    answers = together(*[partial(sell, each) for each in references], sweep, sweep)

    sold, released = answers[:6].count(200), answers[:6].count(409)
    assert sold + released == 6
    assert (sum(answers[6:]), level(lamp)) == (released, (50 - sold, 0))
    assert broken() == []


def test_giving_back_waits_for_a_sale_that_is_under_way(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})
    ((client_id,),) = rows("SELECT client_id FROM stock_holds")

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            holds.commit(session, client_id=client_id, reference="r1")
            session.flush()
            released = pool.submit(till.release)
            wait(lambda: lock_waiters() == 1)
        answer = released.result(timeout=20)

    assert refusal(answer) == (409, "reservation-conflict")
    assert (level(lamp), broken()) == ((3, 0), [])
