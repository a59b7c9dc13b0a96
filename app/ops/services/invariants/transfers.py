"""What is true of imports and exports."""

from app.ops.services.invariants.invariant import Invariant

TRANSFERS = (
    Invariant(
        "I70",
        "An import or an export under way has its next step owed.",
        """
        SELECT job.id FROM (
          SELECT id, steps AS step, 'transfers.import_step' AS consumer FROM catalog_imports
          WHERE status IN ('waiting', 'running')
          UNION ALL
          SELECT id, cardinality(parts), 'transfers.export_step' FROM catalog_exports WHERE status = 'running'
          UNION ALL
          SELECT id, cardinality(parts), 'transfers.order_export_step' FROM order_exports
          WHERE status = 'running'
        ) job LEFT JOIN (
          SELECT consumer, dedupe_key FROM deliveries
          WHERE consumer LIKE 'transfers.%' AND state <> 'done'
        ) owed ON owed.consumer = job.consumer AND owed.dedupe_key = job.id || ':' || job.step
        WHERE owed.consumer IS NULL""",
    ),
)
