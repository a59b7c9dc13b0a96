"""What a line of the table says, and the bodies that its calls are sent."""

from dataclasses import dataclass, field
from typing import Any

from tests.access.rules import KEYS, Rule, all_of, clients, keys

ANOTHER = "a green lamp on a long table"
READ = keys("stock:read")
NO_KEY = all_of(KEYS, 403)
HOLD = clients(404) | {"key_hold": 200}
TILL = {"reference": "till-1"}
ONE = {"sku": "{sku}", "quantity": 1}
NEW_PAYMENT = {"payment_flow": "payment_intent"}
ADJUSTMENT = {"change": 1, "reason": "received"}
NO_LINE = "00000000-0000-4000-8000-000000000000"
A_RETURN = {"lines": [{"line_id": NO_LINE, "quantity": 1, "reason": "other"}]}
A_RECEIPT = {"lines": [{"line_id": NO_LINE, "quantity": 1}]}


@dataclass(frozen=True, slots=True)
class Line:
    """One call: what each principal is answered; the body, if the document's example will not do."""

    rule: Rule
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


A_PHOTO = "a file"
"""In the body of a call that takes a form: there goes a picture."""
A_SHEET = "a file of rows"
"""There goes one of a row that is refused."""
LISTENER = {"url": "https://hooks.example/in", "types": ["LOW_STOCK"]}
WITH_KEY = {"Idempotency-Key": "one"}
