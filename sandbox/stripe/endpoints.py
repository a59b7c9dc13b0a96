"""Where webhooks go: the endpoint of the settings, which takes all, and those made over the API."""

import json
from dataclasses import dataclass

from sandbox.stripe.books import Ledger
from sandbox.stripe.errors import Refusal
from sandbox.stripe.settings import Settings

KIND = "webhook_endpoint"


@dataclass(frozen=True)
class Destination:
    """An address and the secret that its webhooks are signed with."""

    url: str
    secret: str


def wanting(ledger: Ledger, topic: str) -> list[str | None]:
    """The endpoints that take events of a type: their ids, and None for the endpoint of the settings."""
    rows = ledger.execute("SELECT id, body FROM objects WHERE kind = ? ORDER BY sequence", (KIND,))
    made = [(row["id"], json.loads(row["body"])) for row in rows]
    wanted = [
        identity
        for identity, endpoint in made
        if endpoint["status"] == "enabled" and {"*", topic} & {*endpoint["enabled_events"]}
    ]
    return [None, *wanted]


def destination(ledger: Ledger, endpoint_id: str | None, settings: Settings) -> Destination | None:
    """Where an endpoint's webhooks go; None when it was disabled or deleted."""
    if endpoint_id is None:
        return Destination(settings.webhook_url, settings.webhook_secret)
    try:
        endpoint = ledger.find(endpoint_id, KIND)
    except Refusal:
        return None
    enabled = endpoint["status"] == "enabled"
    return Destination(endpoint["url"], endpoint["secret"]) if enabled else None
