"""A run proves something only if it can fail: each promise that was broken on purpose is told."""

import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from app.platform.db import transaction
from config import Settings
from proof.chaos.clients.history import Call
from proof.chaos.evidence import Evidence
from proof.chaos.phases import Course
from proof.chaos.quiet import Recovery
from proof.chaos.verdict import Verdict, judge
from proof.chaos.watch import Seen, Watch
from sandbox.ready import wait_until
from tests.database import change, rows
from tests.ops.broken_on_purpose import SmallShop
from tests.proof.mails import given_up
from tests.proof.others import agreeing

PLACED = Call(
    client=1,
    purchase=1,
    at=0,
    seconds=1,
    method="POST",
    path="/v1/checkout",
    key="k",
    status=201,
    met=[503, 0],
)


@pytest.fixture
def evidence(shop: SmallShop, settings: Settings) -> Evidence:
    """A run that kept every promise; its chaos was as long as a tenth of its calm, and ended with it."""
    others, now = agreeing(shop), time.time()
    return Evidence(
        database_url=settings.database_url,
        longest_hold=settings.longest_hold,
        books=others.books,
        inbox=others.inbox,
        calls=[replace(PLACED, order_id=str(shop.paid.order_id))],
        failures=[],
        seen=Seen(examinations=1),
        course=Course(calm=(now - 1000, now + 1), chaos=(now - 99, now + 1), recovery=Recovery(1, 2, 3)),
    )


def judged(evidence: Evidence) -> Verdict:
    with transaction() as session:
        return judge(session, evidence)


def missed(verdict: Verdict) -> set[str]:
    return {name for name, floor in verdict.floors.items() if not floor.met}


def test_a_run_that_kept_every_promise_is_told_so(evidence: Evidence) -> None:
    verdict = judged(evidence)

    assert (verdict.violations, missed(verdict)) == ({}, set())
    assert len(verdict.floors) == 5
    assert verdict.kept


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"order_id": "0190f0a4-5a3c-7b52-9f5e-2f6c0b7f3a11"}, ["0190f0a4-5a3c-7b52-9f5e-2f6c0b7f3a11"]),
        ({"met": [500]}, ["POST /v1/checkout: [500, 201] , None"]),
        ({"status": 404}, ["POST /v1/checkout: [503, 0, 404] , None"]),
        ({"status": 404, "problem": "not-found"}, ["POST /v1/checkout: [503, 0, 404] not-found, None"]),
    ],
    ids=["an order that is gone", "a bug", "a page of the server's own", "an answer that nobody expects"],
)
def test_what_a_client_met_is_a_violation(
    evidence: Evidence, changes: dict[str, Any], names: list[str]
) -> None:
    verdict = judged(replace(evidence, calls=[replace(PLACED, **changes)]))

    assert list(verdict.violations.values()) == [names]
    assert not verdict.kept


def test_out_of_stock_is_no_violation(evidence: Evidence) -> None:
    refused = replace(PLACED, status=409, problem="out-of-stock")

    assert judged(replace(evidence, calls=[refused])).kept


REFUND = replace(PLACED, path="/v1/admin/orders/0190f0a4/refunds", met=[])
TOO_LARGE = replace(REFUND, key="l", status=409, problem="refund-too-large")
CANCEL = replace(PLACED, path="/v1/orders/0190f0a4/cancel", status=None, met=[])


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        ([REFUND, REFUND], ["0190f0a4: [201, 201]"]),
        ([TOO_LARGE, TOO_LARGE], ["0190f0a4: ['refund-too-large', 'refund-too-large']"]),
        ([REFUND, TOO_LARGE], None),
        ([replace(REFUND, status=None), TOO_LARGE], None),
        ([TOO_LARGE, TOO_LARGE, CANCEL], None),
        ([TOO_LARGE], None),
    ],
    ids=["both", "none", "one", "one, and its answer is lost", "none, as all went back", "not two"],
)
def test_of_two_refunds_that_are_too_much_together_exactly_one_is_granted(
    evidence: Evidence, calls: list[Call], names: list[str] | None
) -> None:
    verdict = judged(replace(evidence, calls=calls))

    sentence = "Of two refunds that are too much together, one is granted."
    assert verdict.violations == ({sentence: names} if names else {})


def test_what_was_broken_for_a_moment_only_is_a_violation_too(evidence: Evidence) -> None:
    verdict = judged(replace(evidence, seen=Seen(examinations=1, broken={"I1 Oversold.": ("CHAIR",)})))

    assert verdict.violations == {"I1 Oversold. (for a moment)": ["CHAIR"]}
    assert not verdict.kept


@pytest.mark.parametrize(
    ("changes", "violations"),
    [
        (
            {"failures": ["KeyError: 'coupon'"]},
            {"No client meets what it cannot understand.": ["KeyError: 'coupon'"]},
        ),
        ({"seen": Seen()}, {"The doctor looks on meanwhile.": ["It never did."]}),
    ],
    ids=["a client that stumbled", "a watch that saw nothing"],
)
def test_a_run_that_was_not_seen_to_the_end_by_all_is_not_kept(
    evidence: Evidence, changes: dict[str, Any], violations: dict[str, list[str]]
) -> None:
    verdict = judged(replace(evidence, **changes))

    assert verdict.violations == violations
    assert not verdict.kept


def test_a_database_that_disagrees_with_stripe_is_a_violation(evidence: Evidence) -> None:
    evidence.books["payment_intents"][0]["amount_received"] = 1

    verdict = judged(evidence)

    assert {sentence.split()[0] for sentence in verdict.violations} >= {"I7"}
    assert not verdict.kept


def test_a_mail_that_was_given_up_is_a_violation(evidence: Evidence, shop: SmallShop) -> None:
    given_up(agreeing(shop))
    ((message_id,),) = rows("SELECT id::text FROM messages WHERE status = 'dead'")

    verdict = judged(evidence)

    assert verdict.violations == {"I134 No mail was given up that could have come.": [message_id]}
    assert not verdict.kept


@pytest.mark.parametrize(("met", "unknown"), [([], ["lost"]), ([0], None)], ids=["at once", "at last"])
def test_what_an_admin_did_without_a_trace_is_a_violation(
    evidence: Evidence, met: list[int], unknown: list[str] | None
) -> None:
    made = replace(PLACED, path="/v1/admin/products", met=met, request_id="lost")

    verdict = judged(replace(evidence, calls=[made]))

    sentence = "I28 What an admin made is in the audit log, by the id of the request."
    assert verdict.violations == ({sentence: unknown} if unknown else {})


def test_a_cancellation_that_was_granted_and_forgotten_is_a_violation(
    evidence: Evidence, shop: SmallShop
) -> None:
    path = f"/v1/orders/{shop.paid.order_id}/cancel"
    granted = replace(PLACED, path=path, status=200, met=[])

    verdict = judged(replace(evidence, calls=[granted]))

    sentence = "I135 Who was granted a cancellation has it, unless it had expired and was paid late."
    assert verdict.violations == {sentence: [path]}


@pytest.mark.parametrize(
    ("recovery", "late"),
    [
        (Recovery(121, 130, 130), {"seconds until 99 % of the orders have ended"}),
        (Recovery(1, 901, None), {"seconds until all orders have ended", "seconds until all work is done"}),
        (
            Recovery(),
            {
                "seconds until 99 % of the orders have ended",
                "seconds until all orders have ended",
                "seconds until all work is done",
            },
        ),
    ],
)
def test_a_late_recovery_misses_the_floor(evidence: Evidence, recovery: Recovery, late: set[str]) -> None:
    verdict = judged(replace(evidence, course=replace(evidence.course, recovery=recovery)))

    assert missed(verdict) == late
    assert not verdict.kept


def test_a_shop_that_answers_errors_or_nothing_misses_the_floors(evidence: Evidence) -> None:
    failures = [replace(PLACED, status=status) for status in (None, 503)]
    calls = [*(list(evidence.calls) * 37), *failures]
    began, ended = evidence.course.calm
    silent = replace(evidence.course, calm=(began, ended), chaos=(began - 9, began))

    verdict = judged(replace(evidence, calls=calls, course=silent))

    assert missed(verdict) == {"requests that succeed in the end", "paid orders per second, against calm"}
    assert not verdict.kept


def test_a_calm_of_a_few_seconds_is_not_judged_by(evidence: Evidence) -> None:
    _, ended = evidence.course.calm
    short = replace(evidence.course, calm=(ended - 29, ended), chaos=(ended - 999, ended - 990))

    verdict = judged(replace(evidence, course=short))

    assert verdict.floors["paid orders per second, against calm"].asked == "calm was too short"
    assert verdict.kept


def test_the_watch_sees_what_is_broken_while_the_shop_is_open(shop: SmallShop, settings: Settings) -> None:
    change(
        "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE variant_id = :id",
        id=shop.paid.product.variant_id,
    )
    watch = Watch(settings.longest_hold)
    watch.start()

    wait_until(lambda: watch.seen.examinations > 0, within=10, failure="It does not look.")
    watch.stop()

    assert [sentence.split()[0] for sentence in watch.seen.broken] == ["I3"]
    assert watch.seen.orders == 3


def test_a_watch_whose_question_is_wrong_says_so(
    shop: SmallShop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proof.chaos.watch._NOW", text("SELECT count(*) FROM nowhere"))
    watch = Watch(settings.longest_hold)
    watch.start()

    wait_until(lambda: watch.seen.broken != {}, within=10, failure="It does not look.")
    watch.stop()

    ((sentence, (mistake,)),) = watch.seen.broken.items()
    assert sentence == "What the watch asks can be answered."
    assert 'relation "nowhere" does not exist' in mistake
