"""A small shop whose workers, provider, mail server and clock a test holds in its hands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from itertools import count as steps
from uuid import UUID

import pytest

from app.carts import services as carts
from app.checkout import services as checkout
from app.events.events import SlotReached
from app.events.services import publish
from app.inventory.errors import OutOfStock
from app.notifications.errors import Deferred
from app.ops.services import doctor
from app.orders import services as orders
from app.payments import workflows as payment_workflows
from app.payments.events import ConfirmRequested
from app.payments.gateway.inline import InlineCalls, InlineGateway
from app.payments.gateway.protocol import WorkerGateway
from app.payments.services import inbox
from app.payments.services.parameters import Way
from app.platform.db import transaction
from app.platform.errors import AppError
from app.platform.party import Party
from app.settlement import services as settlement
from app.settlement import workflows
from proof.oracle import Verdict, judge
from sandbox.mail.inbox import Summary
from tasks import heartbeat, notifications, payments
from tasks import settlement as settlement_tasks
from tests.database import change, count, rows
from tests.factories import make_product, make_user
from tests.sales import HOLDS, PAYMENT_TERMS, RULES, TERMS, wish
from tests.settlement.model_gateway import Killed, ModelGateway, Troubles
from tests.settlement.model_of_stripe import Json, ModelOfStripe
from tests.work import ALL, do_one, drain, make_due, tick

COMPARED = ("open", "recent", "deep")
BACKOFF = PAYMENT_TERMS.lease / 10
TIMES = """
  SELECT format('UPDATE %I SET %s', table_name,
    string_agg(format('%I = %I - make_interval(secs => \\:seconds)', column_name, column_name), ', '))
  FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'
  GROUP BY table_name ORDER BY table_name
"""


class ModelMailer:
    """A mail server that keeps the Message-ID of what it took."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self.troubles = Troubles(lambda: Deferred("no answer"), meanwhile)
        self.caught: list[Summary] = []

    def send(self, mail: EmailMessage) -> str:
        """Take it."""
        caught = Summary("", datetime.now(UTC), "", "", "", str(mail["Message-ID"]))
        self.troubles.call(lambda: self.caught.append(caught))
        return "250"


class World:
    """Two products with three units each, and whoever wants them. Work is done only when somebody says so."""

    def __init__(self) -> None:
        self.stripe = ModelOfStripe()
        self.gateway = ModelGateway(self.stripe, self.frozen)
        self.mailer = ModelMailer(self.frozen)
        self.orders: list[UUID] = []
        with transaction() as session:
            self.products = [make_product(session, price=1000, stock=3) for _ in range(2)]
        self._slots = steps()

    @contextmanager
    def workers(self) -> Iterator[None]:
        """Have the tasks ask this provider and this mail server."""
        with pytest.MonkeyPatch.context() as patch:
            provider: WorkerGateway = self.gateway
            for module in (settlement_tasks, payments):
                patch.setattr(module, "gateway", lambda: provider)
            patch.setattr(notifications, "mailer", lambda: self.mailer)
            # It knows a delivery once in a process, and here one process plays several.
            patch.setattr(heartbeat, "watched", lambda *_, **__: nullcontext())
            yield

    def frozen(self) -> None:
        """A process stands still for so long that others do its work."""
        make_due()
        drain(queues=ALL)

    # What buyers and operators do.

    def place(self, product: int, units: int, flow: str) -> None:
        """Somebody new checks out, and waits for the provider."""
        variant_id = self.products[product].variant_id
        with suppress(OutOfStock):
            with transaction() as session:
                buyer = Party(make_user(session).id)
                carts.add(session, buyer, rules=RULES, variant_id=variant_id, quantity=units)
                placed = checkout.place(session, buyer=buyer, wish=wish(way=Way(flow)), terms=TERMS)
            self.orders.append(placed.order_id)
            mine = placed.opening
            assert mine is not None
            _wait_for(
                lambda: payment_workflows.open_at_counter(mine, gateway=self.counter(), backoff=BACKOFF)
            )

    def attempt(self, order_id: UUID, flow: str) -> None:
        """The buyer wants to pay in another way."""
        with suppress(AppError):
            with transaction() as session:
                order = orders.lock(session, order_id)
                attempt = settlement.begin(session, order, way=Way(flow), terms=PAYMENT_TERMS)
            _wait_for(
                lambda: workflows.attempt_now(
                    attempt, gateway=self.counter(), terms=PAYMENT_TERMS, holds=HOLDS, backoff=BACKOFF
                )
            )

    def confirm(self, order_id: UUID) -> None:
        """The buyer says that they have paid."""
        with transaction() as session:
            for (payment_id,) in rows("SELECT id FROM payments WHERE order_id = :id", session, id=order_id):
                publish(session, ConfirmRequested(order_id=order_id, payment_id=payment_id))

    def cancel(self, order_id: UUID) -> None:
        """The buyer wants out."""
        with suppress(AppError), transaction() as session:
            settlement.cancel(session, orders.lock(session, order_id), reason="buyer")

    # What time and the network do.

    def deliver(self, event: Json) -> None:
        """A webhook comes."""
        with transaction() as session:
            inbox.store(session, event)

    def compare(self, kind: str) -> None:
        """Beat owes a comparison with the provider's books, in a slot that has not been before."""
        slot = datetime.fromtimestamp(next(self._slots), UTC)
        with transaction() as session:
            publish(session, SlotReached(job=f"settlement.reconcile_{kind}", slot=slot))

    def work(self, position: int) -> None:
        """A worker does one of the due deliveries, or dies at it."""
        with suppress(Killed):
            do_one(position)

    def work_all(self) -> None:
        """Workers do what is due, until one dies."""
        with suppress(Killed):
            drain(queues=ALL)

    def let_pass(self, seconds: int) -> None:
        """Everything becomes so much older, here and at the provider; then beat comes by."""
        for statement in _ageing():
            change(statement, seconds=seconds)
        change(
            "UPDATE payments SET parameters = jsonb_set(parameters, '{expires_at}',"
            " to_jsonb((parameters ->> 'expires_at')::bigint - :seconds)) WHERE parameters ? 'expires_at'",
            seconds=seconds,
        )
        self.stripe.let_pass(seconds)
        tick("settlement.expire_due")

    def settle_down(self) -> None:
        """Nothing befalls anybody any more, and everything comes to its end."""
        self.gateway.troubles.ordered.clear()
        self.mailer.troubles.ordered.clear()
        for _ in range(12):
            self._decide()
            self.let_pass(90_000)
            before = count("reconciliation_findings")
            for kind in COMPARED:
                self.compare(kind)
            make_due()
            drain(queues=ALL)
            is_done = rows("SELECT 1 FROM deliveries WHERE state <> 'done'") == []
            if is_done and not self.stripe.untold and count("reconciliation_findings") == before:
                return
            told, self.stripe.untold = self.stripe.untold, []
            for event in told:
                self.deliver(event)

    def _decide(self) -> None:
        for intent in list(self.stripe.intents.values()):
            if intent["status"] == "processing":
                self.stripe.decline(intent["id"])
        for refund in list(self.stripe.refunds.values()):
            if refund["status"] == "pending":
                self.stripe.finish_refund(refund["id"], "succeeded")

    def broken(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """What is not true now, though it must be at every moment."""
        with doctor.snapshot() as session:
            found = doctor.broken(doctor.examine(session))
        of_any_moment = [each for each in found if each.invariant.always]
        return [(each.invariant.id, each.invariant.sentence, each.examples) for each in of_any_moment]

    def verdict(self, database_url: str) -> Verdict:
        """What the oracle says at rest."""
        return judge(database_url, books=self.stripe.books(), inbox=self.mailer.caught)

    def counter(self) -> InlineGateway:
        """Calls while somebody waits; no breaker is open."""
        return InlineGateway(self.gateway, InlineCalls(limit=4))


def _wait_for(work: Callable[[], object]) -> None:
    with suppress(Killed):
        work()


@cache
def _ageing() -> Sequence[str]:
    """Statements that make every row so many seconds older."""
    return [row[0] for row in rows(TIMES)]
