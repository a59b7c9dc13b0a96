"""Whatever happens to the shop, in whatever order: no invariant breaks, and all comes to its end."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import settings as profile
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.payments.gateway.protocol import INTENT, SESSION
from app.platform.db import transaction
from config import Settings
from tests.settlement.model_gateway import Troubles
from tests.settlement.model_of_stripe import UNPAID, Json
from tests.settlement.model_office import Office
from tests.settlement.model_world import COMPARED, World
from tests.template import empty

T = TypeVar("T")
STEPS = int(os.environ.get("STATE_MACHINE_STEPS", "0"))
"""So many steps in other ways at each run, instead of the few that are the same each time."""
LENGTH = 100 if STEPS else 40
ANY = some.integers(0, 11)
TIMES = some.sampled_from([90, 20 * 60, 65 * 60, 25 * 3600])


def one_of(things: Sequence[T], position: int) -> T:
    return things[position % len(things)]


class Purchases(RuleBasedStateMachine):
    """Each rule is something that may happen; numbers pick what it happens to."""

    database_url: str

    def __init__(self) -> None:
        super().__init__()
        with transaction() as session:
            empty(session)
        self.world = World()
        self.stripe = self.world.stripe
        self.office = Office(self.world.counter())
        self.in_the_end = ExitStack()
        self.in_the_end.enter_context(self.world.workers())

    @initialize(flow=some.sampled_from((INTENT, SESSION)))
    def some_have_checked_out(self, flow: str) -> None:
        self.world.place(0, 2, flow)
        self.world.place(1, 1, flow)

    # Buyers and operators.

    @rule(product=some.integers(0, 1), units=some.integers(1, 2), flow=some.sampled_from((INTENT, SESSION)))
    def somebody_checks_out(self, product: int, units: int, flow: str) -> None:
        self.world.place(product, units, flow)

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY, flow=some.sampled_from((INTENT, SESSION)))
    def a_buyer_tries_another_way(self, which: int, flow: str) -> None:
        self.world.attempt(one_of(self.world.orders, which), flow)

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY)
    def a_buyer_confirms(self, which: int) -> None:
        self.world.confirm(one_of(self.world.orders, which))

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY)
    def a_buyer_cancels(self, which: int) -> None:
        self.world.cancel(one_of(self.world.orders, which))

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY, restock=some.booleans())
    def an_operator_cancels(self, which: int, restock: bool) -> None:  # noqa: FBT001 - drawn by name
        self.office.cancel(one_of(self.world.orders, which), restock=restock)

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY, part=some.sampled_from([1, 3, 5]))
    def an_operator_refunds(self, which: int, part: int) -> None:
        self.office.refund(one_of(self.world.orders, which), part=part)

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY, restock=some.booleans())
    def an_operator_refunds_a_unit(self, which: int, restock: bool) -> None:  # noqa: FBT001 - drawn by name
        self.office.refund_unit(one_of(self.world.orders, which), restock=restock)

    @precondition(lambda self: self.office.failed_refunds())
    @rule(which=ANY)
    def an_operator_tries_a_refund_again(self, which: int) -> None:
        self.office.refund_again(one_of(self.office.failed_refunds(), which))

    @precondition(lambda self: self.world.orders)
    @rule(which=ANY)
    def an_order_is_packed(self, which: int) -> None:
        self.office.pack(one_of(self.world.orders, which))

    @precondition(lambda self: self.office.reviews())
    @rule(which=ANY, decision=some.sampled_from(["accept", "refund"]))
    def an_operator_decides(self, which: int, decision: str) -> None:
        self.office.resolve(*one_of(self.office.reviews(), which), decision)

    # Paying.

    @property
    def payable(self) -> list[str]:
        """What a buyer can pay now."""
        of_sessions = {each["payment_intent"] for each in self.stripe.sessions.values()}
        intents = [each for each in self._intents(*UNPAID) if each["id"] not in of_sessions]
        open_ones = [each for each in self.stripe.sessions.values() if each["status"] == "open"]
        return [each["id"] for each in (*intents, *open_ones)]

    def _intents(self, *statuses: str) -> list[Json]:
        return [each for each in self.stripe.intents.values() if each["status"] in statuses]

    @precondition(lambda self: self.payable)
    @rule(which=ANY, way=some.sampled_from(["succeed", "succeed", "decline", "process", "challenge"]))
    def a_buyer_pays(self, which: int, way: str) -> None:
        getattr(self.stripe, way)(self.stripe.begin(one_of(self.payable, which)))

    @precondition(lambda self: self._intents("processing"))
    @rule(which=ANY, way=some.sampled_from(["succeed", "decline"]))
    def a_bank_decides(self, which: int, way: str) -> None:
        getattr(self.stripe, way)(one_of(self._intents("processing"), which)["id"])

    @precondition(lambda self: self._intents(*UNPAID))
    @rule(which=ANY, percent=some.sampled_from([50, 150]))
    def the_dashboard_changes_an_amount(self, which: int, percent: int) -> None:
        intent = one_of(self._intents(*UNPAID), which)
        intent["amount"] = intent["amount"] * percent // 100

    # Money that goes back.

    @property
    def taken(self) -> list[str]:
        """Intents of which something can still go back."""
        return [each["id"] for each in self._intents("succeeded") if self.stripe.left(each["id"]) > 0]

    @precondition(lambda self: self.taken)
    @rule(which=ANY, part=some.sampled_from([1, 3]))
    def the_dashboard_refunds(self, which: int, part: int) -> None:
        intent_id = one_of(self.taken, which)
        if not self.stripe.of(self.stripe.disputes, intent_id):
            self.stripe.give_back(intent_id, max(1, self.stripe.left(intent_id) // part))

    @rule(long=some.booleans())
    def refunds_become_slow_or_quick(self, long: bool) -> None:  # noqa: FBT001 - drawn by name
        self.stripe.refunds_take_long = long

    @precondition(lambda self: self.stripe.refunds)
    @rule(which=ANY, status=some.sampled_from(["succeeded", "failed"]))
    def a_refund_ends(self, which: int, status: str) -> None:
        refund = one_of(list(self.stripe.refunds.values()), which)
        if refund["status"] not in (status, "failed"):
            self.stripe.finish_refund(refund["id"], status)

    @precondition(lambda self: self.taken)
    @rule(which=ANY)
    def a_bank_disputes(self, which: int) -> None:
        intent_id = one_of(self.taken, which)
        if not self.stripe.of(self.stripe.disputes, intent_id):
            self.stripe.dispute(intent_id)

    @precondition(lambda self: self.stripe.disputes)
    @rule(which=ANY, status=some.sampled_from(["won", "lost"]))
    def a_dispute_is_decided(self, which: int, status: str) -> None:
        dispute = one_of(list(self.stripe.disputes.values()), which)
        if dispute["status"] == "needs_response":
            self.stripe.decide(dispute["id"], status)

    # Webhooks.

    @precondition(lambda self: self.stripe.untold)
    @rule(which=ANY, again=some.booleans())
    def a_webhook_comes(self, which: int, again: bool) -> None:  # noqa: FBT001 - drawn by name
        event = one_of(self.stripe.untold, which)
        self.world.deliver(event)
        if not again:
            self.stripe.untold.remove(event)

    @precondition(lambda self: self.stripe.untold)
    @rule(which=ANY)
    def a_webhook_is_lost(self, which: int) -> None:
        self.stripe.untold.remove(one_of(self.stripe.untold, which))

    # Workers and time.

    @rule(kind=some.sampled_from(Troubles.KINDS), mail=some.booleans())
    def trouble_awaits_the_next_call(self, kind: str, mail: bool) -> None:  # noqa: FBT001 - drawn by name
        whose = self.world.mailer if mail else self.world.gateway
        whose.troubles.ordered.append(kind)

    @rule(position=ANY)
    def a_worker_does_one_thing(self, position: int) -> None:
        self.world.work(position)

    @rule()
    def workers_do_what_is_due(self) -> None:
        self.world.work_all()

    @rule(kind=some.sampled_from(COMPARED))
    def our_books_are_compared_with_stripes(self, kind: str) -> None:
        self.world.compare(kind)

    @rule(seconds=TIMES)
    def time_passes(self, seconds: int) -> None:
        self.world.let_pass(seconds)

    @invariant()
    def nothing_is_broken(self) -> None:
        assert self.world.broken() == []

    def teardown(self) -> None:
        """Everything comes to its end, and everybody says the same about it."""
        with self.in_the_end:
            self.world.settle_down()
            verdict = self.world.verdict(self.database_url)
            assert verdict.holds, verdict.table()


FEW = profile(
    max_examples=max(1, STEPS // LENGTH) if STEPS else 6,
    stateful_step_count=LENGTH,
    derandomize=not STEPS,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if STEPS else [Phase.generate],
)


@pytest.mark.timeout(300 + STEPS)  # a busy machine takes a multiple of its half minute
def test_no_history_breaks_an_invariant(app: Flask, database: None, settings: Settings) -> None:
    class Here(Purchases):
        database_url = settings.database_url

    run_state_machine_as_test(Here, settings=FEW)
