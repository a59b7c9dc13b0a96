import json

from sandbox.stripe import listing
from sandbox.stripe.books import Json, Ledger
from sandbox.stripe.errors import malformed

# Which fields of a kind hold ids of other objects; line items come only when they are asked for.
LINKS = {
    "payment_intent": {"latest_charge", "payment_method", "customer"},
    "charge": {"payment_intent", "balance_transaction", "customer"},
    "payment_method": {"customer"},
    "checkout.session": {"payment_intent", "customer", "line_items"},
    "customer.invoice_settings": {"default_payment_method"},
    "balance_transaction": {"source"},
    "refund": {"charge", "payment_intent", "balance_transaction", "failure_balance_transaction"},
    "dispute": {"charge", "payment_intent"},
    "setup_intent": {"payment_method", "customer"},
}
DEEPEST = 4


def expand(ledger: Ledger, shown: Json, paths: list[str]) -> Json:
    """The object with the ids at these dotted paths replaced by what they name; a bad path is a Refusal."""
    for path in paths:
        if path.count(".") >= DEEPEST:
            raise malformed(f"{path} is too deep: at most {DEEPEST} levels.", param="expand")
        _expand(ledger, shown, path, path)
    return shown


def _expand(ledger: Ledger, shown: Json, path: str, whole: str, *, inside: str = "") -> None:
    head, _, rest = path.partition(".")
    kind = inside or shown["object"]
    if kind == "list" and head == "data" and rest:
        for item in shown["data"]:
            _expand(ledger, item, rest, whole)
        return
    if rest and f"{kind}.{head}" in LINKS:
        _expand(ledger, shown[head], rest, whole, inside=f"{kind}.{head}")
        return
    if head not in LINKS.get(kind, ()):
        raise malformed(f"This property cannot be expanded ({whole}).", param="expand")
    if head == "line_items":
        shown[head] = listing.line_items(ledger, shown["id"], {})
    if isinstance(shown[head], str):
        row = ledger.execute("SELECT body FROM objects WHERE id = ?", (shown[head],)).fetchone()
        shown[head] = json.loads(row["body"])
    if rest and shown[head] is not None:
        _expand(ledger, shown[head], rest, whole)
