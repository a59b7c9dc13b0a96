"""What is true of invoices and credit notes."""

from app.ops.services.invariants.invariant import Invariant

INVOICES = (
    Invariant(
        "I80",
        "The invoices of a year are numbered from 1 without a gap, and so are its credit notes.",
        """
        SELECT kind || ' ' || year FROM document_numbers FULL JOIN (
          SELECT kind, year, count(*) AS issued, max(sequence) AS highest FROM documents GROUP BY 1, 2
        ) given USING (kind, year)
        WHERE (last, last) IS DISTINCT FROM (issued, highest)""",
    ),
    Invariant(
        "I81",
        "A paid order has its invoice, or that is owed; in a live shop, from the first invoice on.",
        """
        SELECT o.id FROM orders o LEFT JOIN documents invoice
          ON invoice.order_id = o.id AND invoice.kind = 'invoice'
        LEFT JOIN deliveries work ON work.consumer = 'invoicing.issue' AND work.dedupe_key = o.id::text
        WHERE o.paid_at IS NOT NULL AND invoice.id IS NULL
          AND CASE WHEN work.id IS NULL THEN o.paid_at > (SELECT min(issued_at) FROM documents)
            ELSE work.state = 'done' END""",
    ),
    Invariant(
        "I82",
        "What a refund takes back of an invoice has its credit note, or that is owed.",
        """
        WITH counted AS (
          SELECT refund.id, refund.order_id, refund.amount
          FROM refunds refund JOIN payments payment USING (order_id)
          WHERE refund.payment_id = payment.id AND refund.status = 'succeeded'
            AND refund.reason NOT IN ('surplus', 'overpaid', 'review')
            AND NOT (refund.reason = 'provider' AND EXISTS (
              SELECT FROM refunds other WHERE other.payment_id = refund.payment_id
                AND other.intent_id IS NOT DISTINCT FROM refund.intent_id
                AND other.reason IN ('surplus', 'review')))
        )
        SELECT refund.id FROM counted refund JOIN documents invoice
          ON invoice.order_id = refund.order_id AND invoice.kind = 'invoice'
        JOIN (SELECT order_id, sum(amount) AS amount FROM counted GROUP BY 1) gone
          ON gone.order_id = refund.order_id
        JOIN deliveries work ON work.consumer = 'invoicing.credit' AND work.dedupe_key = refund.id::text
          AND work.state = 'done'
        LEFT JOIN (
          SELECT order_id, sum(total_amount) AS amount FROM documents WHERE kind = 'credit_note' GROUP BY 1
        ) back ON back.order_id = refund.order_id
        LEFT JOIN documents note ON note.refund_id = refund.id
        LEFT JOIN (
          SELECT DISTINCT counted.order_id FROM counted JOIN deliveries work
            ON work.consumer = 'invoicing.credit' AND work.dedupe_key = counted.id::text
          WHERE work.state <> 'done'
        ) owed ON owed.order_id = refund.order_id
        WHERE note.id IS NULL AND owed.order_id IS NULL
          AND coalesce(back.amount, 0) < least(gone.amount, invoice.total_amount)""",
    ),
    Invariant(
        "I83",
        "An invoice comes to what its order does, a document to its parts, credit notes to no more than it.",
        """
        SELECT invoice.number FROM documents invoice JOIN orders o ON o.id = invoice.order_id
        WHERE invoice.kind = 'invoice' AND (invoice.currency, invoice.total_amount, invoice.tax_amount)
          <> (o.currency, o.total_amount, o.tax_amount)
        UNION ALL
        SELECT document.number FROM documents document CROSS JOIN LATERAL (
          SELECT coalesce(sum((part ->> 'gross')::bigint), 0) AS gross,
            coalesce(sum((part ->> 'tax')::bigint), 0) AS tax
          FROM jsonb_array_elements(document.facts -> 'parts') AS part
        ) parts
        WHERE (parts.gross, parts.tax) <> (document.total_amount, document.tax_amount)
        UNION ALL
        SELECT invoice.number FROM documents invoice JOIN (
          SELECT order_id, sum(total_amount) AS total, sum(tax_amount) AS tax
          FROM documents WHERE kind = 'credit_note' GROUP BY 1
        ) back ON back.order_id = invoice.order_id
        WHERE invoice.kind = 'invoice'
          AND (back.total > invoice.total_amount OR back.tax > invoice.tax_amount)""",
    ),
    Invariant(
        "I84",
        "A document has its file, or somebody has to write it.",
        """
        SELECT document.number FROM documents document LEFT JOIN (
          SELECT coalesce(told.payload ->> 'document_id', work.dedupe_key) AS wanted
          FROM deliveries work JOIN events told ON told.id = work.event_id
          WHERE work.consumer LIKE 'invoicing.%' AND work.state <> 'done'
        ) owed ON owed.wanted IN (
          document.id::text, coalesce(document.refund_id, document.order_id)::text)
        WHERE document.rendered_at IS NULL AND owed.wanted IS NULL""",
    ),
)
