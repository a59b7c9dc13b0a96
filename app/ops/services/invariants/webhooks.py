"""What is true of what third parties are told."""

from app.ops.services.invariants.invariant import Invariant

WEBHOOKS = (
    Invariant(
        "I110",
        "Whoever listens has a message for each event of the last days that they asked for.",
        """
        SELECT endpoint.id || ' ' || event.id FROM webhook_endpoints endpoint
        JOIN events event ON event.occurred_at > now() - interval '6 days'
          AND (event.xid::text::bigint, event.sequence) > (endpoint.after_xid, endpoint.after_sequence)
        JOIN jsonb_to_recordset(CAST(:heard AS jsonb)) AS kind (topic text, type text) USING (topic)
        LEFT JOIN webhook_messages message
          ON (message.endpoint_id, message.event_id) = (endpoint.id, event.id)
        WHERE endpoint.status = 'enabled' AND message.id IS NULL
          AND coalesce(kind.type, event.payload ->> 'type') = ANY (endpoint.types)
          AND (endpoint.seller_id IS NULL OR endpoint.seller_id IN (
            SELECT seller_id FROM stock_levels WHERE variant_id = (event.payload ->> 'variant_id')::uuid
            UNION ALL
            SELECT seller_id FROM fulfillments WHERE id = (event.payload ->> 'parcel_id')::uuid))
          AND (:at_rest OR event.occurred_at < now() - :patience
            OR (event.xid::text::bigint, event.sequence) <= (SELECT xid, sequence FROM webhook_feed))""",
    ),
    Invariant(
        "I111",
        "A message to a third party that waits is owed, or waits for an earlier one of its subject.",
        """
        SELECT message.id FROM webhook_messages message
        LEFT JOIN deliveries work ON work.consumer = 'webhooks.send' AND work.state <> 'done'
          AND work.dedupe_key = message.id || ':' || message.round
        WHERE message.status = 'waiting' AND work.id IS NULL AND NOT EXISTS (
          SELECT FROM webhook_messages earlier WHERE earlier.status = 'waiting'
            AND earlier.endpoint_id = message.endpoint_id AND earlier.subject = message.subject
            AND earlier.sequence < message.sequence)""",
    ),
)
