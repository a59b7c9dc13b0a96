"""Everything around the shop's process: its clients, its provider, its database, and time.

None of it fails when the shop does. Clients and provider repeat what was not answered, as they would.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import orjson
import psycopg
from redis import Redis

from proof.crash import life
from proof.crash.edges import Plan
from proof.crash.life import Answer, Order
from proof.crash.process import Died, Frozen, Stuck
from proof.crash.provider import Provider
from proof.crash.receiver import Receiver
from proof.oracle import ORACLE, Request

TRIES = 6
ROUNDS = 8
STEP_SECONDS = 90
"""How far time moves on at once: past any lease, and past the doubt about a call that was sent."""
_AGEING = tuple(
    statement.replace("earlier", f"- interval '{STEP_SECONDS} seconds'")
    for statement in (
        "UPDATE deliveries SET run_after = run_after earlier, ring_after = ring_after earlier",
        "UPDATE deliveries SET lease_until = lease_until earlier",
        "UPDATE payments SET created_at = created_at earlier, sent_at = sent_at earlier",
        "UPDATE refunds SET created_at = created_at earlier, sent_at = sent_at earlier",
        "UPDATE webhook_messages SET next_try_at = next_try_at earlier",
        "UPDATE webhook_endpoints SET paused_until = paused_until earlier",
    )
)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"  # noqa: S608  # our own word
    f" AND application_name <> '{ORACLE}' AND pid <> pg_backend_pid()"
)
_NOT_YET_TOLD = "SELECT count(*) FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())"
_OPEN = "SELECT consumer || ' ' || state FROM deliveries WHERE state IN ('pending', 'running') ORDER BY id"


class Shop(Protocol):
    """A process of the shop."""

    def tell(self, order: Order, *words: Any) -> Any:
        """Have an order followed; the answer is what it returned. May raise Died, Frozen and Stuck."""

    def thaw(self, order: Order) -> Any:
        """Let a frozen process finish what it was told."""

    def end(self) -> None:
        """Let go of it."""


@dataclass(slots=True)
class World:
    """One run of a scenario. `start` makes a process of the shop; `plan` is what goes wrong in the first."""

    start: Callable[[Plan | None], Shop]
    database: psycopg.Connection[Any]
    broker: Redis
    stripe: Provider
    mail_folder: Path
    media_folder: Path
    receiver: Receiver
    plan: Plan | None
    process: Shop = field(init=False)
    crossed: list[str] = field(default_factory=list)
    hit: bool = False
    """Whether what was planned has gone wrong."""
    history: list[Request] = field(default_factory=list)
    """What was asked of the API and what it answered, as its clients know it."""
    accidents: list[str] = field(default_factory=list)
    """The answers of these that no client must ever see."""

    def __post_init__(self) -> None:
        """Begin with a living shop."""
        self.process = self.start(self.plan)

    def tell(self, order: Order, *words: Any) -> Any:
        """Have the shop do something. Raises Died when it could not; another process runs then."""
        try:
            return self.process.tell(order, *words)
        except Died:
            self.hit = True
            self._start_again()
            raise
        except Frozen:
            return self._outlast(order, words)

    def request(
        self, method: str, path: str, headers: dict[str, str], body: Any = None, *, raw: bytes | None = None
    ) -> Answer:
        """Ask the API until it answers; a POST is the same one each time, by its Idempotency-Key."""
        keyed = (
            headers if raw is not None or method != "POST" else {"Idempotency-Key": str(uuid4())} | headers
        )
        who, key = keyed.get("Authorization", "somebody"), keyed.get("Idempotency-Key")
        content = raw if raw is not None else (None if body is None else orjson.dumps(body))
        for _ in range(TRIES):
            try:
                answer: Answer = self.tell(life.request, method, path, keyed, content)
            except Died:
                self.history.append(Request(who=who, method=method, path=path, status=None, key=key))
                continue
            self.history.append(_told(who, method, path, key, answer))
            if is_accident(answer):
                self.accidents.append(f"{method} {path} was answered {answer.status}")
            if (answer.status < 500 and "Retry-After" not in answer.headers) or answer.status == 202:
                return answer
            self.let_time_pass()
        raise Stuck(f"{method} {path} is not answered: {answer.status} {answer.body[:300]!r}")

    def work(self) -> None:
        """Let workers do all that is owed, and time pass for what must wait."""
        for _ in range(ROUNDS):
            try:
                self.tell(life.work)
            except Died:
                continue
            if not self.owed():
                return
            self.let_time_pass()
            self.tick("events.relay")
        raise Stuck(f"the work does not end: {', '.join(self.owed())}")

    def tick(self, task: str, *words: Any) -> None:
        """Run what beat starts; it comes again when it fails, or the worker dies of it."""
        for _ in range(TRIES):
            with suppress(Died):
                if self.tell(life.run, task, *words):
                    return
        raise Stuck(f"{task} never ends well")

    def report(self) -> None:
        """The provider brings what has happened, each until it is taken, and workers make something of it."""
        for event in self.stripe.events():
            headers, body = self.stripe.signed(event)
            answer = self.request("POST", "/v1/webhooks/stripe", headers, raw=body)
            if answer.status != 200:
                raise Stuck(f"{event['type']} was answered {answer.status} {answer.body[:300]!r}")
            self.stripe.taken(event)
        self.work()

    def lose_events(self) -> None:
        """What has happened at the provider until now is never reported."""
        for event in self.stripe.events():
            self.stripe.taken(event)

    def lose_messages(self) -> None:
        """The broker is emptied."""
        self.broker.flushdb()

    def let_log_settle(self) -> None:
        """Wait for the transactions of other lanes that are in the way of who reads the log of events."""
        self._wait(_NOT_YET_TOLD, "the log of events does not settle")

    def let_holds_end(self, *, hours: int = 0) -> None:
        """The hold of every pending order is over, since so long."""
        ended = f"now() - interval '{hours} hours 1 second'"
        self.change(f"UPDATE orders SET hold_until = {ended} WHERE status = 'pending'")  # noqa: S608  # a number

    def let_time_pass(self) -> None:
        """Let a minute and a half go by for what the shop waits for; holds stay as they are."""
        for statement in _AGEING:
            self.change(statement)
        self.tell(life.wait, STEP_SECONDS)

    def owed(self) -> list[str]:
        """Work that is neither done nor dead."""
        return [row[0] for row in self.rows(_OPEN)]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query answers."""
        return self.database.execute(statement.encode()).fetchall()

    def change(self, statement: str) -> None:
        """Change the database behind the shop's back."""
        self.database.execute(statement.encode())

    def end(self) -> None:
        """Let the process go; what it crossed is kept."""
        self.crossed, hit = self.process.tell(life.crossed)
        self.hit |= hit
        self.process.end()

    def _start_again(self) -> None:
        """As a supervisor does, once PostgreSQL has noticed that the dead one's connections are closed."""
        self._wait(_OTHERS, "connections outlive their process")
        self.process = self.start(None)

    def _wait(self, counting: str, failure: str) -> None:
        """Until a statement counts none."""
        deadline = time.monotonic() + 10
        while self.rows(counting) != [(0,)]:
            if time.monotonic() > deadline:
                raise Stuck(failure)
            time.sleep(0.002)

    def _outlast(self, order: Order, words: tuple[Any, ...]) -> Any:
        """While a process stands still PostgreSQL ends its transaction, and another process takes over."""
        frozen, self.process = self.process, self.start(None)
        self.change(_CUT_IDLE)
        self.let_time_pass()
        self.tell(order, *words)
        self.work()
        self.process.end()
        self.process = frozen
        return frozen.thaw(order)


def is_accident(answer: Answer) -> bool:
    """Whether the server failed in another way than by asking to come again, which it may do at any time."""
    asks_to_come_again = answer.status == 503 and "Retry-After" in answer.headers
    return answer.status >= 500 and not asks_to_come_again


def _told(who: str, method: str, path: str, key: str | None, answer: Answer) -> Request:
    """What a client learns from an answer: the ids of what was made, and the order's coupon."""
    body = orjson.loads(answer.body) if answer.status < 300 else {}
    order, payment = body.get("order") or {}, body.get("payment") or {}
    return Request(
        who=who,
        method=method,
        path=path,
        status=answer.status,
        key=key,
        order_id=order.get("id"),
        payment_id=payment.get("id"),
        coupon=order.get("coupon"),
    )


_CUT_IDLE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
)
