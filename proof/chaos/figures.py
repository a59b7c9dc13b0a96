"""What a run counted, as one document."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from proof.chaos.clients.history import Call
from proof.chaos.doubles import reasons
from proof.chaos.evidence import Evidence
from proof.chaos.faults.kind import Scene
from proof.chaos.options import Options
from proof.chaos.phases import Course
from proof.chaos.returns import outcomes
from proof.chaos.verdict import Verdict, paid_per_second, succeeded_share
from sandbox.mail.inbox import Summary

_ENDS = text(
    "SELECT concat_ws(' ', status, cancel_reason, payment_status), count(*) FROM orders"
    " GROUP BY 1 ORDER BY 2 DESC"
)
_PLACES = text(
    "SELECT concat_ws(' ', currency, shipping_address ->> 'country'), count(*) FROM orders"
    " WHERE paid_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
)
Document = dict[str, Any]


def document(
    session: Session, options: Options, scene: Scene, evidence: Evidence, verdict: Verdict
) -> Document:
    """The whole report; times in seconds."""
    course, seen, calls = evidence.course, evidence.seen, evidence.calls
    return {
        "seed": options.seed,
        "faults": sorted(options.faults),
        "clients": options.clients,
        "kept": verdict.kept,
        "violations": verdict.violations,
        "floors": {name: asdict(floor) for name, floor in verdict.floors.items()},
        "orders": {
            "placed": seen.orders,
            "by end": dict(session.execute(_ENDS).tuples().all()),
            "paid by currency and country": dict(session.execute(_PLACES).tuples().all()),
            "paid per second": {
                "calm": paid_per_second(session, course.calm),
                "chaos": paid_per_second(session, course.chaos),
            },
        },
        "seconds": {
            "calm": course.calm[1] - course.calm[0],
            "chaos": course.chaos[1] - course.chaos[0],
            **asdict(course.recovery),
            "longest silence": longest_silence(calls, course),
        },
        "holds ended by hand": course.aged,
        "kills": dict(scene.kills.most_common()),
        **{name: getattr(course, name) for name in ("injected", "missed", "befallen")},
        "lines": dict(scene.shop.database_line.weather.befell + scene.shop.broker_line.weather.befell),
        "restarts": dict(scene.shop.restarts.most_common()),
        "requests": requests(calls),
        "returns": outcomes(calls),
        "mails": mails(evidence.inbox) | reasons(session, evidence.inbox),
        "webhooks": webhooks(evidence.books),
        "peak depth": seen.peak_depth,
        "examinations": seen.examinations,
    }


def requests(calls: Sequence[Call]) -> Document:
    """How the clients' requests went."""
    answers = Counter(str(status) for call in calls for status in (*call.met, call.status or 0))
    return {
        "made": len(calls),
        "repeated": sum(bool(call.met) for call in calls),
        "succeeded share": succeeded_share(calls),
        "answers": dict(answers.most_common()),
        "slowest": max((call.seconds for call in calls), default=0.0),
    }


def mails(inbox: Sequence[Summary]) -> Document:
    """Caught mails, and how many were caught more than once."""
    copies = Counter(mail.message_id for mail in inbox)
    return {
        "different": len(copies),
        "doubled": sum(count > 1 for count in copies.values()),
        "copies too many": copies.total() - len(copies),
    }


def webhooks(books: Document) -> Document:
    """What became of Stripe's webhooks."""
    states = Counter(each["state"] for each in books["deliveries"])
    copies = Counter(each["event"] for each in books["deliveries"])
    return {"events": len(copies), "doubled": sum(count > 1 for count in copies.values()), **states}


def longest_silence(calls: Sequence[Call], course: Course) -> float:
    """The longest time of the chaos in which no client got a good answer: the slowest recovery of the API."""
    began, ended = course.chaos
    good = sorted(
        call.at + call.seconds
        for call in calls
        if call.succeeded and began <= call.at + call.seconds <= ended
    )
    moments = [began, *good, ended]
    return round(max(after - before for before, after in pairwise(moments)), 1)
