import json
from collections.abc import Mapping
from typing import Any

from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import malformed

PARAMETERS = frozenset({"created", "limit", "starting_after", "ending_before", "expand"})
MOST = 100
LATEST = 2**62

# Two fixed statements rather than one put together: every filter is a bound value that may be absent.
WHERE = """
SELECT body FROM objects WHERE kind = :kind
 AND (:subjects IS NULL OR subject IN (SELECT value FROM json_each(:subjects)))
 AND created > :gt AND created >= :gte AND created < :lt AND created <= :lte
 AND sequence < :before AND sequence > :after
 AND (:delivered IS NULL OR :delivered = NOT EXISTS
      (SELECT 1 FROM deliveries WHERE event = objects.id AND state <> 'delivered'))
 AND (:fields IS NULL OR NOT EXISTS
      (SELECT 1 FROM json_each(:fields) AS wanted
       WHERE json_extract(body, '$.' || wanted.key) IS NOT wanted.value))
"""
NEWEST_FIRST = WHERE + " ORDER BY sequence DESC LIMIT :limit"
OLDEST_FIRST = WHERE + " ORDER BY sequence LIMIT :limit"


def page(
    ledger: Ledger,
    kind: str,
    url: str,
    params: Json,
    *,
    subjects: list[str] | None = None,
    delivered: bool | None = None,
    fields: Mapping[str, Any] | None = None,
) -> Json:
    """One page of the objects of a kind, newest first, in Stripe's list shape.

    `subjects` keeps those entered with one of these subjects; `delivered` those whose webhooks all arrived,
    or did not; `fields` those with these values.
    """
    limit = params.get("limit", 10)
    if not 1 <= limit <= MOST:
        message = f"Invalid integer: {limit}. limit goes from 1 to {MOST}."
        raise malformed(message, code="parameter_invalid_integer", param="limit")
    values: Json = {"kind": kind, "subjects": subjects and json.dumps(subjects), "delivered": delivered}
    values["fields"] = json.dumps(fields) if fields else None
    values |= _times(params.get("created", {})) | _place(ledger, kind, params) | {"limit": limit + 1}
    backwards = "ending_before" in params
    statement = OLDEST_FIRST if backwards else NEWEST_FIRST
    found = [json.loads(row["body"]) for row in ledger.execute(statement, values)]
    shown = found[:limit]
    return {
        "object": "list",
        "data": shown[::-1] if backwards else shown,
        "has_more": len(found) > limit,
        "url": url,
    }


def chosen(params: Json, *names: str) -> Json:
    """Those of the named filters that the request gives."""
    return {name: params[name] for name in names if name in params}


def line_items(ledger: Ledger, session_id: str, params: Json) -> Json:
    """One page of what a Checkout Session sells."""
    return page(
        ledger, "item", f"/v1/checkout/sessions/{session_id}/line_items", params, subjects=[session_id]
    )


def empty(url: str) -> Json:
    """A list without anything in it, for objects that carry one."""
    return {"object": "list", "data": [], "has_more": False, "url": url}


def _times(created: Any) -> dict[str, int]:
    given = created if isinstance(created, dict) else {"gte": created, "lte": created}
    return {"gt": -1, "gte": 0, "lt": LATEST, "lte": LATEST, **given}


def _place(ledger: Ledger, kind: str, params: Json) -> dict[str, int]:
    if "starting_after" in params and "ending_before" in params:
        raise malformed("Give starting_after or ending_before, not both.", param="starting_after")
    place = {"before": LATEST, "after": 0}
    for param, bound in (("starting_after", "before"), ("ending_before", "after")):
        if param in params:
            ledger.find(params[param], kind, param=param)
            row = ledger.execute("SELECT sequence FROM objects WHERE id = ?", (params[param],)).fetchone()
            place[bound] = row["sequence"]
    return place
