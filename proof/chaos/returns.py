"""What clients were answered who wanted money back, or an order cancelled."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from proof.chaos.clients.history import Call

_REFUNDS, _CANCEL = "/refunds", "/cancel"
_OF_RETURNS = {"/fulfillments": "send", "/returns": "return", "/approve": "approve", "/receive": "receive"}
_TOO_LARGE = "refund-too-large"


def unfair(calls: Iterable[Call]) -> list[str]:
    """The orders of which two refunds that exceed it were asked for, and not exactly one was granted.

    Where one got no answer, or somebody wanted to cancel the order, too, none needs to be granted.
    """
    asked, cancelled = defaultdict[str, list[Call]](list), set[str]()
    for call in calls:
        order_id = call.path.rpartition("/")[0].rpartition("/")[2]
        if call.path.endswith(_REFUNDS):
            asked[order_id].append(call)
        elif call.path.endswith(_CANCEL):
            cancelled.add(order_id)
    return [
        f"{order_id}: {[call.problem or call.status for call in both]}"
        for order_id, both in asked.items()
        if len(both) > 1 and _is_unfair(both, may_be_none=order_id in cancelled)
    ]


def _is_unfair(both: list[Call], *, may_be_none: bool) -> bool:
    granted = sum(call.status == 201 for call in both)
    all_too_large = all(call.problem == _TOO_LARGE for call in both)
    return granted > 1 or (all_too_large and not may_be_none)


def outcomes(calls: Iterable[Call]) -> dict[str, int]:
    """What was asked for after the payment or against it, and how often with which answer."""
    names = {_REFUNDS: "refund", _CANCEL: "cancel", **_OF_RETURNS}
    found = Counter(
        f"{name}: {call.problem or call.status or 'no answer'}"
        for call in calls
        for ending, name in names.items()
        if call.path.endswith(ending)
    )
    return dict(sorted(found.items()))
