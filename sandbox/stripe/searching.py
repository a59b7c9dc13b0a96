"""Stripe's search language over the objects of a kind: `email:'ada@x.org' AND metadata['order']:'7'`."""

import json
import re
from typing import Any

from sandbox.stripe import clock
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import malformed

PARAMETERS = frozenset({"query", "limit", "page", "expand"})
FIELDS = {
    "customer": {"created", "email", "metadata", "name", "phone"},
    "payment_intent": {"amount", "created", "currency", "customer", "metadata", "status"},
}
MOST = 100
CLAUSE = re.compile(
    r"(?P<but>-)?(?P<field>\w+)(?:\[(?P<mark>[\"'])(?P<key>.+?)(?P=mark)\])?"
    r"(?P<sign>:|~|<=|>=|<|>)(?P<value>\"[^\"]*\"|'[^']*'|\S+)"
)
LAG = "search_lag_seconds"


def page(ledger: Ledger, kind: str, url: str, params: Json) -> Json:
    """The newest objects that fit the query, in Stripe's search shape. Raises Refusal for a bad query."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= MOST:
        message = f"Invalid integer: {limit}. limit goes from 1 to {MOST}."
        raise malformed(message, code="parameter_invalid_integer", param="limit")
    query = Query(params["query"], kind)
    rest = _after(_found(ledger, kind, query), params.get("page"))
    shown = rest[:limit]
    return {
        "object": "search_result",
        "data": shown,
        "has_more": len(rest) > limit,
        "next_page": shown[-1]["id"] if len(rest) > limit else None,
        "url": url,
    }


def lag(ledger: Ledger) -> float:
    """For how many seconds a new object is not found yet; Stripe's search lags behind by up to a minute."""
    row = ledger.execute("SELECT value FROM modes WHERE name = ?", (LAG,)).fetchone()
    return float(row["value"]) if row else 0.0


def set_lag(ledger: Ledger, seconds: float) -> None:
    """Let search lag behind by so many seconds from now on."""
    ledger.execute("INSERT OR REPLACE INTO modes VALUES (?, ?)", (LAG, str(seconds)))


class Query:
    """A parsed query: clauses that are all joined by AND, or all by OR."""

    def __init__(self, text: str, kind: str) -> None:
        parts = re.split(r"\s+(AND|OR)\s+", text.strip())
        joints = set(parts[1::2])
        if len(joints) > 1:
            raise malformed("Join the clauses by AND or by OR, not by both.", param="query")
        self._any = joints == {"OR"}
        self._clauses = [_clause(part, kind) for part in parts[::2]]

    def fits(self, thing: Json) -> bool:
        """Whether the object is one of those asked for."""
        answers = [_fits(clause, thing) for clause in self._clauses]
        return any(answers) if self._any else all(answers)


def _found(ledger: Ledger, kind: str, query: Query) -> list[Json]:
    statement = "SELECT body FROM objects WHERE kind = ? AND created <= ? ORDER BY sequence DESC"
    latest = clock.now() - lag(ledger)
    things = (json.loads(row["body"]) for row in ledger.execute(statement, (kind, latest)))
    return [thing for thing in things if query.fits(thing)]


def _after(found: list[Json], last_seen: str | None) -> list[Json]:
    if last_seen is None:
        return found
    ids = [thing["id"] for thing in found]
    if last_seen not in ids:
        raise malformed("This page is not of this search.", param="page")
    return found[ids.index(last_seen) + 1 :]


def _clause(text: str, kind: str) -> re.Match[str]:
    clause = CLAUSE.fullmatch(text)
    if clause is None:
        raise malformed(f"Cannot read this part of the query: {text}", param="query")
    if clause["field"] not in FIELDS[kind] or (clause["field"] == "metadata") != bool(clause["key"]):
        raise malformed(f"{kind}s cannot be searched by {clause['field']}.", param="query")
    return clause


def _fits(clause: re.Match[str], thing: Json) -> bool:
    field = thing[clause["field"]]
    present = field.get(clause["key"]) if clause["key"] else field
    wanted = clause["value"].strip("\"'")
    fits = present is None if clause["value"] == "null" else _compares(present, clause["sign"], wanted)
    return fits != bool(clause["but"])


def _compares(present: Any, sign: str, wanted: str) -> bool:
    if present is None:
        return False
    if sign == ":":
        return str(present).lower() == wanted.lower()
    if sign == "~":
        return wanted.lower() in str(present).lower()
    if not isinstance(present, int) or not wanted.isdecimal():
        raise malformed("Only numbers can be greater or less.", param="query")
    limit = int(wanted)
    return {"<": present < limit, "<=": present <= limit, ">": present > limit, ">=": present >= limit}[sign]
