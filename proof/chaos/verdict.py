"""What a run proves: which promises were broken by what, and whether RELIABILITY's floors F3 were met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from proof import oracle
from proof.chaos.clients.history import Call
from proof.chaos.evidence import Evidence
from proof.chaos.phases import Course, Span
from proof.chaos.returns import unfair
from proof.oracle import Request

REQUESTS_FLOOR = 0.95
MOST_ORDERS_WITHIN, ALL_ORDERS_WITHIN = 120.0, 900.0
THROUGHPUT_FLOOR = 0.25
SHORTEST_CALM = 30.0
"""Seconds; of a shorter calm the speed is luck, and it is told but not judged by."""
EXPECTED_PROBLEMS = frozenset(
    {
        "out-of-stock",
        "coupon-used-up",
        "checkout-open",
        "cart-empty",  # the same article again, while what was bought before is being taken out of the cart
        "illegal-transition",
        "order-not-payable",
        "email-taken",
        "refund-not-possible",
        "refund-too-large",
        "units-not-sold",
        "unavailable",
    }
)
"""What the documents tell a client to expect who buys, cancels and pays at the wrong moment."""
_PAID = text("SELECT count(*) FROM orders WHERE extract(epoch FROM paid_at) BETWEEN :began AND :ended")


@dataclass(frozen=True, slots=True)
class Floor:
    """A measured figure (None: it never came) beside what is asked for, in words."""

    measured: float | None
    asked: str
    met: bool


@dataclass(slots=True)
class Verdict:
    """`violations`: what was broken, and the names of those that broke it."""

    violations: dict[str, list[str]] = field(default_factory=dict)
    floors: dict[str, Floor] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return not self.violations and all(floor.met for floor in self.floors.values())


def judge(session: Session, evidence: Evidence) -> Verdict:
    """Hold the shop at rest against Stripe's books, the caught mail and what the clients were told.

    `session` reads the same database.
    """
    calls = evidence.calls
    found = {f"{name} (for a moment)": list(rows) for name, rows in evidence.seen.broken.items()}
    found["The doctor looks on meanwhile."] = [] if evidence.seen.examinations else ["It never did."]
    found["No client meets what it cannot understand."] = list(evidence.failures)
    found["No answer is an accident."] = _accidents(calls)
    found["Of two refunds that are too much together, one is granted."] = unfair(calls)
    said = oracle.judge(
        evidence.database_url,
        books=evidence.books,
        inbox=evidence.inbox,
        history=[_request(call) for call in calls],
        longest_hold=evidence.longest_hold,
    )
    for each in said.violations:
        more = [f"and {each.count - len(each.examples)} more"] if each.count > len(each.examples) else []
        found[f"{each.id} {each.sentence}"] = [*each.examples, *more]
    broken = {sentence: names for sentence, names in found.items() if names}
    return Verdict(broken, _floors(session, calls, evidence.course))


def _request(call: Call) -> Request:
    return Request(
        who=str(call.client),
        method=call.method,
        path=call.path,
        status=call.status,
        key=call.key,
        order_id=call.order_id,
        payment_id=call.payment_id,
        refund_id=call.refund_id,
        coupon=call.coupon,
        request_id=None if call.met else call.request_id,
        began=call.at,
        ended=call.at + call.seconds,
    )


def paid_per_second(session: Session, span: Span) -> float | None:
    """How many orders became paid in a second of this time; None for no time."""
    began, ended = span
    if ended <= began:
        return None
    paid: int = session.execute(_PAID, {"began": began, "ended": ended}).scalar_one()
    return paid / (ended - began)


def succeeded_share(calls: Sequence[Call]) -> float:
    """Of the requests, those with a definite answer in the end."""
    return sum(call.succeeded for call in calls) / max(len(calls), 1)


def _floors(session: Session, calls: Sequence[Call], course: Course) -> dict[str, Floor]:
    share, recovery = succeeded_share(calls), course.recovery
    floors = {
        "requests that succeed in the end": Floor(share, ">= 95 %", share >= REQUESTS_FLOOR),
        "seconds until 99 % of the orders have ended": _within(recovery.most_orders, MOST_ORDERS_WITHIN),
        "seconds until all orders have ended": _within(recovery.all_orders, ALL_ORDERS_WITHIN),
        "seconds until all work is done": _within(recovery.all_work, ALL_ORDERS_WITHIN),
    }
    calm, chaos = paid_per_second(session, course.calm), paid_per_second(session, course.chaos)
    if calm and chaos is not None:
        is_short = course.calm[1] - course.calm[0] < SHORTEST_CALM
        met = is_short or chaos >= THROUGHPUT_FLOOR * calm
        wanted = "calm was too short" if is_short else ">= 25 %"
        floors["paid orders per second, against calm"] = Floor(chaos / calm, wanted, met)
    return floors


def _within(seconds: float | None, most: float) -> Floor:
    return Floor(seconds, f"<= {most:.0f}", seconds is not None and seconds <= most)


def _accidents(calls: Iterable[Call]) -> list[str]:
    """Answers that no document tells a client to expect."""
    return [
        f"{call.method} {call.path}: {[*call.met, call.status]} {call.problem or ''}, {call.request_id}"
        for call in calls
        if 500 in call.met or call.status == 500 or _is_odd(call)
    ]


def _is_odd(call: Call) -> bool:
    """Whether it was refused for another reason than the documents tell, or for none at all."""
    is_refused = call.status is not None and call.status >= 400
    return (is_refused or call.problem is not None) and call.problem not in EXPECTED_PROBLEMS
