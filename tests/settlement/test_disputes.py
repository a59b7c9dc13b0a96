"""A bank takes money back: what the order shows meanwhile and afterwards, whatever comes first or twice."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations, product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.orders import services as orders
from app.payments import queries
from app.payments.gateway.protocol import ProviderDispute
from app.settlement.services import Outcome, cancel, settle
from app.settlement.services.disputing import settle_dispute
from tests.database import change, rows
from tests.sales import HOLDS, OWED, PAID, TOTAL, Sale, make_sale, state, topics

DISPUTED = replace(PAID, order=("paid", "disputed", None), disputes=[("open", True)])
LIFE = (("needs_response", False), ("needs_response", True), ("won", True), ("won", False))
"""A dispute that is won, as the provider tells it: status, and whether the money is gone."""


@pytest.fixture
def sale(session: Session) -> Sale:
    """A paid order."""
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    return sale


def dispute_of(sale: Sale, status: str, *, withdrawn: bool, **values: Any) -> ProviderDispute:
    """The provider's dispute about the sale's payment."""
    facts: dict[str, Any] = {
        "provider_id": "du_1",
        "status": status,
        "reason": "fraudulent",
        "amount": TOTAL,
        "currency": "USD",
        "intent_id": sale.provider_id,
        "withdrawn": withdrawn,
        "evidence_due_at": datetime(2027, 1, 9, tzinfo=UTC),
        "created_at": datetime(2026, 12, 19, tzinfo=UTC),
    }
    return ProviderDispute(**facts | values)


def see(session: Session, sale: Sale, *moments: tuple[str, bool]) -> list[Outcome]:
    """Settle the dispute as it is in each of these moments."""
    return [
        settle_dispute(session, dispute_of(sale, status, withdrawn=withdrawn))
        for status, withdrawn in moments
    ]


def of_disputes(session: Session, sale: Sale) -> list[str]:
    """The facts about disputes in the order's timeline."""
    return [topic.removeprefix("disputes.") for topic in topics(sale, session) if "disputes." in topic]


def test_a_chargeback_shows_on_the_order_and_holds_it_up(session: Session, sale: Sale) -> None:
    outcomes = see(session, sale, ("needs_response", True), ("needs_response", True))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert state(sale, session) == DISPUTED
    assert of_disputes(session, sale) == ["opened", "withdrawn"]
    assert queries.has_open_dispute(session, sale.order_id)
    assert queries.is_withdrawn(session, sale.payment_id)
    assert rows(
        "SELECT payment_id, provider_id, reason, amount, currency, evidence_due_at, opened_at, closed_at"
        " FROM disputes",
        session,
    ) == [
        (
            sale.payment_id,
            "du_1",
            "fraudulent",
            TOTAL,
            "USD",
            datetime(2027, 1, 9, tzinfo=UTC),
            datetime(2026, 12, 19, tzinfo=UTC),
            None,
        )
    ]


def test_a_dispute_that_is_won_leaves_the_order_as_it_was(session: Session, sale: Sale) -> None:
    see(session, sale, *LIFE)

    assert state(sale, session) == replace(PAID, disputes=[("won", False)])
    assert of_disputes(session, sale) == ["opened", "withdrawn", "won", "reinstated"]
    assert not queries.has_open_dispute(session, sale.order_id)
    assert not queries.is_withdrawn(session, sale.payment_id)
    assert rows("SELECT closed_at = now() FROM disputes", session) == [(True,)]


def test_a_dispute_that_is_lost_stays_visible_and_its_money_gone(session: Session, sale: Sale) -> None:
    see(session, sale, ("needs_response", True), ("under_review", True), ("lost", True))

    lost = replace(DISPUTED, disputes=[("lost", True)])
    assert state(sale, session) == lost
    assert of_disputes(session, sale) == ["opened", "withdrawn", "lost"]
    assert not queries.has_open_dispute(session, sale.order_id)
    assert queries.is_withdrawn(session, sale.payment_id)


def test_a_bank_that_only_asks_takes_nothing(session: Session, sale: Sale) -> None:
    see(session, sale, ("warning_needs_response", False), ("warning_under_review", False))
    asked = state(sale, session)
    see(session, sale, ("warning_closed", False))

    assert asked == replace(DISPUTED, disputes=[("open", False)])
    assert state(sale, session) == replace(PAID, disputes=[("won", False)])
    assert of_disputes(session, sale) == ["opened", "won"]


@pytest.mark.parametrize(("withdrawn", "ends"), [(True, "lost"), (False, "won")])
def test_a_dispute_that_was_prevented_is_lost_when_it_cost_the_money(
    session: Session, sale: Sale, *, withdrawn: bool, ends: str
) -> None:
    see(session, sale, ("prevented", withdrawn))

    assert state(sale, session).disputes == [(ends, withdrawn)]


@pytest.mark.parametrize("order", list(permutations(range(len(LIFE)))))
def test_whatever_is_seen_last_or_first_the_latest_of_it_stands(
    session: Session, sale: Sale, order: tuple[int, ...]
) -> None:
    see(session, sale, *(LIFE[moment] for moment in order))
    see(session, sale, *LIFE)

    assert state(sale, session) == replace(PAID, disputes=[("won", False)])


@pytest.mark.parametrize(("first", "again"), list(product(LIFE, LIFE)))
def test_an_older_sight_of_a_dispute_changes_nothing(
    session: Session, sale: Sale, first: tuple[str, bool], again: tuple[str, bool]
) -> None:
    see(session, sale, first)
    before = state(sale, session)

    (outcome,) = see(session, sale, again)

    is_newer = LIFE.index(again) > LIFE.index(first)
    assert (outcome == Outcome.APPLIED) == is_newer
    assert (state(sale, session) != before) == is_newer


def test_evidence_that_moves_the_deadline_is_noted(session: Session, sale: Sale) -> None:
    see(session, sale, ("needs_response", True))
    later = datetime(2027, 1, 20, tzinfo=UTC)

    outcome = settle_dispute(
        session, dispute_of(sale, "under_review", withdrawn=True, evidence_due_at=later, amount=900)
    )

    assert outcome == Outcome.APPLIED
    assert rows("SELECT evidence_due_at, amount FROM disputes", session) == [(later, 900)]
    assert of_disputes(session, sale) == ["opened", "withdrawn"]


def test_an_order_with_two_disputes_is_disputed_until_both_are_won(session: Session, sale: Sale) -> None:
    see(session, sale, ("needs_response", True))
    settle_dispute(session, dispute_of(sale, "lost", withdrawn=True, provider_id="du_2", amount=100))
    see(session, sale, ("won", False))

    after = state(sale, session)

    assert after == replace(DISPUTED, disputes=[("won", False), ("lost", True)])


def test_a_dispute_about_money_that_is_not_ours_is_unmatched(session: Session, sale: Sale) -> None:
    for intent_id in ("pi_foreign", None):
        foreign = dispute_of(sale, "needs_response", withdrawn=True, intent_id=intent_id)
        assert settle_dispute(session, foreign) == Outcome.UNMATCHED

    assert state(sale, session) == PAID


def test_a_dispute_about_an_order_that_was_cancelled_shows_there_too(session: Session) -> None:
    sale = make_sale(session)
    cancel(session, orders.lock(session, sale.order_id), reason="buyer")
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    assert state(sale, session) == OWED

    see(session, sale, ("needs_response", True))
    during = state(sale, session)
    see(session, sale, ("won", False))

    disputed = replace(OWED, order=("cancelled", "disputed", "buyer"), disputes=[("open", True)])
    assert during == disputed
    assert state(sale, session) == replace(OWED, disputes=[("won", False)])


def test_money_that_a_bank_gives_back_after_the_order_was_cancelled_is_owed_to_the_buyer(
    session: Session, sale: Sale
) -> None:
    see(session, sale, ("needs_response", True), ("won", True))
    cancel(session, orders.lock(session, sale.order_id), reason="buyer")
    assert state(sale, session).refunds == []

    see(session, sale, ("won", False), ("won", False))

    assert state(sale, session) == replace(OWED, disputes=[("won", False)])


def test_a_review_is_not_hidden_by_a_dispute(session: Session, sale: Sale) -> None:
    change("UPDATE orders SET payment_status = 'review'", session)

    see(session, sale, ("needs_response", True))

    assert state(sale, session) == replace(DISPUTED, order=("paid", "review", None))


def test_a_dispute_about_no_intent_is_not_that_of_a_payment_without_one(session: Session, sale: Sale) -> None:
    other = make_sale(session)
    change("UPDATE payments SET provider_id = NULL WHERE order_id = :id", session, id=other.order_id)

    seen = dispute_of(sale, "needs_response", withdrawn=True, intent_id=None)

    assert settle_dispute(session, seen) == Outcome.UNMATCHED
    assert state(other, session).disputes == []
