"""What must be true of mails: whoever is owed one about an order was sent it, and none was given up."""

from collections.abc import Iterator
from typing import Any

import orjson

from app.events.subscriptions import SUBSCRIPTIONS
from app.notifications.services.erasing import ERASED
from app.notifications.states import ORDER_KINDS, RETURN_KINDS
from app.ops.services.invariants import Invariant

UNDONE_BY = {
    "order_received": ("orders.cancelled",),
    "order_paid": ("orders.cancelled",),
    "order_cancelled": ("orders.paid",),
    "paid_order_cancelled": ("orders.paid",),
    "order_refunded": ("refunds.failed",),
    "order_ready": ("fulfillment.parcel_unpacked",),
    "return_requested": ("fulfillment.return_rejected", "fulfillment.return_withdrawn"),
    "return_approved": ("fulfillment.return_rejected", "fulfillment.return_withdrawn"),
}
"""By kind: after which later facts of the same thing nobody needs to have been told. The mail may have had
its turn while it was not so, even where it is so again."""


def _owed() -> Iterator[dict[str, Any]]:
    """Of which fact buyers are told by which mail."""
    for topic, group in SUBSCRIPTIONS.items():
        for each in group:
            kind = each.consumer.removeprefix("notifications.")
            if kind in (*ORDER_KINDS, *RETURN_KINDS):
                wanted = dict([each.when] if each.when else [])
                yield {
                    "topic": topic,
                    "kind": kind,
                    "wanted": wanted,
                    "undone_by": UNDONE_BY.get(kind, ()),
                }


FACTS = {"owed_mails": orjson.dumps(list(_owed())).decode(), "erased": ERASED}
"""The values that the queries below use."""

MAILS = (
    Invariant(
        "I133",
        "What befell an order its buyer was told by its mail, unless nothing reaches them.",
        """
        SELECT owed.kind || ':' || owed.about FROM (
          SELECT mail.kind, mail.undone_by, told.subject, told.sequence, part.id AS part_id,
            coalesce(part.id, told.subject) AS about
          FROM events told
          JOIN jsonb_to_recordset(CAST(:owed_mails AS jsonb))
            AS mail (topic text, kind text, wanted jsonb, undone_by jsonb) USING (topic)
          CROSS JOIN LATERAL (SELECT coalesce(told.payload ->> 'refund_id', told.payload ->> 'parcel_id',
            told.payload ->> 'return_id') AS id) part
          WHERE told.payload @> mail.wanted
        ) owed JOIN orders o ON o.id::text = owed.subject
        LEFT JOIN fulfillments parcel ON parcel.id::text = owed.part_id
        LEFT JOIN messages message ON message.dedupe_key = owed.kind || ':' || owed.about
        LEFT JOIN undeliverable_addresses nowhere ON nowhere.email = lower(message.recipient)
        WHERE (message.id IS NULL OR message.status <> 'sent' AND nowhere.id IS NULL)
          AND o.erased_at IS NULL
          -- What costs nothing was paid when it was placed: one mail says both.
          AND NOT (owed.kind = 'order_received' AND o.total_amount = 0)
          AND NOT (owed.kind = 'order_ready' AND parcel.status <> 'packed')
          AND NOT EXISTS (
            SELECT FROM events later WHERE later.subject = owed.subject AND later.sequence > owed.sequence
              AND owed.undone_by ? later.topic
              AND coalesce(later.payload ->> 'refund_id', later.payload ->> 'parcel_id',
                later.payload ->> 'return_id') IS NOT DISTINCT FROM owed.part_id)""",
    ),
    Invariant(
        "I134",
        "No mail was given up that could have come.",
        """
        SELECT message.id FROM messages message
        JOIN events refused ON refused.topic = 'notifications.refused'
          AND refused.payload ->> 'message_id' = message.id::text
        LEFT JOIN undeliverable_addresses nowhere ON nowhere.email = lower(message.recipient)
        WHERE message.status = 'dead' AND message.channel = 'email'
          AND nowhere.id IS NULL AND message.recipient <> :erased""",
    ),
)
