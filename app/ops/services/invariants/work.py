"""What is true of facts, the work that follows from them, and messages."""

from app.ops.services.invariants.invariant import Invariant

WORK = (
    Invariant(
        "I13",
        "Every event of the provider has been made something of, or that is owed.",
        """
        SELECT event.id FROM provider_events event LEFT JOIN (
          SELECT told.payload ->> 'event_id' AS event_id FROM deliveries work
          JOIN events told ON told.id = work.event_id
          WHERE work.consumer = 'settlement.process_event' AND work.state <> 'done'
        ) owed ON owed.event_id = event.id
        WHERE owed.event_id IS NULL AND (event.processed_at IS NULL OR event.status = 'received')""",
    ),
    Invariant(
        "I16",
        "No work is forgotten: what is due is taken. At rest nothing is left, and nothing has died.",
        """
        SELECT consumer || ' ' || id FROM deliveries
        WHERE state IN ('pending', 'running', 'dead') AND (:at_rest
          OR state = 'pending' AND run_after < now() - :patience
          OR state = 'running' AND lease_until < now() - :patience)""",
        always=False,
    ),
    Invariant(
        "I17",
        "What can happen once has happened once.",
        """
        SELECT subject || ' ' || topic FROM events WHERE topic IN ('orders.placed', 'orders.finalized',
          'payments.opened', 'payments.succeeded', 'refunds.owed', 'orders.shipped', 'orders.delivered',
          'fulfillment.parcel_shipped', 'fulfillment.parcel_delivered')
        GROUP BY subject, topic,
          coalesce(payload ->> 'refund_id', payload ->> 'payment_id', payload ->> 'parcel_id')
        HAVING count(*) > 1""",
    ),
    Invariant(
        "I18",
        "Nobody finishes work that somebody else has taken over.",
        """
        SELECT work.consumer || ' ' || work.id FROM delivery_attempts attempt
        JOIN delivery_attempts later ON later.delivery_id = attempt.delivery_id
          AND later.token = attempt.token + 1 AND later.started_at < attempt.ended_at
        JOIN deliveries work ON work.id = attempt.delivery_id
        WHERE attempt.outcome = 'done'""",
    ),
    Invariant(
        "I24",
        "The same work is owed once, and so each slot of the schedule runs once.",
        """
        SELECT consumer || ' ' || dedupe_key FROM deliveries
        GROUP BY consumer, dedupe_key HAVING count(*) > 1""",
    ),
    Invariant(
        "I42",
        "Every event of the last days has its deliveries; in a live shop, from a consumer's first one on.",
        """
        SELECT event.topic || ' ' || event.id FROM (
          SELECT told.id, told.topic, told.subject, told.sequence, told.occurred_at, rule.consumer,
            rule.key <> '[]' AS is_keyed, coalesce((
              SELECT string_agg(told.payload ->> field.name, ':' ORDER BY field.position)
              FROM jsonb_array_elements_text(rule.key) WITH ORDINALITY AS field (name, position)
            ), told.id::text) AS dedupe_key
          FROM events told
          JOIN jsonb_to_recordset(CAST(:subscriptions AS jsonb))
            AS rule (topic text, consumer text, key jsonb, wanted jsonb) USING (topic)
          WHERE told.occurred_at > now() - interval '6 days'
            AND told.payload @> rule.wanted
            AND (told.topic <> 'schedule.slot_reached' OR told.payload ->> 'job' = rule.consumer)
        ) event
        LEFT JOIN deliveries work ON (work.consumer, work.dedupe_key) = (event.consumer, event.dedupe_key)
        LEFT JOIN (
          SELECT consumer, min(created_at) AS created_at FROM deliveries GROUP BY 1
        ) first ON first.consumer = event.consumer
        WHERE work.id IS NULL AND (:at_rest OR event.occurred_at >= first.created_at)
          -- Done for an earlier event of the same key, and forgotten since.
          AND NOT (event.is_keyed AND EXISTS (
            SELECT FROM events earlier WHERE earlier.subject = event.subject
              AND earlier.topic = event.topic AND earlier.sequence < event.sequence))""",
    ),
    Invariant(
        "I96",
        "No fact is of a transaction that is yet to come: who follows the log would not be told of it.",
        """
        SELECT id FROM events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
          AND xid IS DISTINCT FROM pg_current_xact_id_if_assigned()""",
    ),
    Invariant(
        "I19",
        "A message is sent, given up for good, or owed.",
        """
        SELECT message.id FROM messages message LEFT JOIN (
          SELECT told.subject, coalesce(told.payload ->> 'kind', split_part(work.consumer, '.', 2)) AS kind,
            coalesce(told.payload ->> 'refund_id', told.payload ->> 'parcel_id',
              told.payload ->> 'return_id') AS part_id
          FROM deliveries work JOIN events told ON told.id = work.event_id
          WHERE work.queue = 'email' AND work.state <> 'done'
        ) owed ON owed.subject = coalesce(message.about, message.order_id)::text AND owed.kind = message.kind
          AND owed.part_id IS NOT DISTINCT FROM
            coalesce(message.refund_id, message.parcel_id, message.return_id)::text
        WHERE message.status NOT IN ('sent', 'dead') AND owed.kind IS NULL""",
    ),
    Invariant(
        "I21",
        "Nobody is told what did not happen.",
        """
        SELECT message.id FROM messages message LEFT JOIN (
          SELECT DISTINCT told.subject, split_part(rule.consumer, '.', 2) AS kind,
            coalesce(told.payload ->> 'refund_id', told.payload ->> 'parcel_id',
              told.payload ->> 'return_id') AS part_id
          FROM events told
          JOIN jsonb_to_recordset(CAST(:subscriptions AS jsonb))
            AS rule (topic text, consumer text, wanted jsonb) USING (topic)
          WHERE rule.consumer LIKE 'notifications.%' AND told.payload @> rule.wanted
        ) told ON told.subject = coalesce(message.about, message.order_id)::text AND told.kind = message.kind
          AND told.part_id IS NOT DISTINCT FROM
            coalesce(message.refund_id, message.parcel_id, message.return_id)::text
        WHERE told.kind IS NULL""",
    ),
)
