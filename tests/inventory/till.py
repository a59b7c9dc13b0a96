"""A point of sale, and what can be seen of its holds."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.inventory.services import holds
from app.ops.services import doctor
from app.platform.db import transaction
from tests.database import change, rows
from tests.factories import MadeProduct

Json = dict[str, Any]


class Till:
    """A point of sale."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def reserve(self, units: dict[MadeProduct, int], reference: str = "r1") -> TestResponse:
        items = [{"sku": product.sku, "quantity": quantity} for product, quantity in units.items()]
        return self._post("reserve", {"reference": reference, "items": items})

    def commit(self, reference: str = "r1") -> TestResponse:
        return self._post("commit", {"reference": reference})

    def release(self, reference: str = "r1") -> TestResponse:
        return self._post("release", {"reference": reference})

    def _post(self, action: str, body: Json) -> TestResponse:
        return self.client.post(f"/v1/inventory/{action}", json=body, headers=self.headers)


def level(product: MadeProduct) -> tuple[int, int]:
    """Units on hand and reserved."""
    statement = "SELECT on_hand, reserved FROM stock_levels WHERE variant_id = :id"
    ((on_hand, reserved),) = rows(statement, id=product.variant_id)
    return on_hand, reserved


def topics() -> list[str]:
    """What happened to holds."""
    return [
        topic for (topic,) in rows("SELECT topic FROM events WHERE topic LIKE '%hold%' ORDER BY sequence")
    ]


def become_old() -> None:
    """Let the time of every hold be over."""
    change("UPDATE stock_holds SET hold_until = now() - interval '2 minutes'")


def sweep() -> int:
    """What a worker does every 15 s."""
    with transaction() as session:
        return holds.expire_due(session)


def broken() -> list[str]:
    """The invariants that the doctor finds broken, nothing being under way."""
    with doctor.snapshot() as session:
        return [each.invariant.id for each in doctor.broken(doctor.examine(session, at_rest=True))]


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.get_json()["type"].removeprefix("/problems/")
