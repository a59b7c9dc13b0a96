"""What becomes of an import, and of an export."""

EXPECTED, WAITING, RUNNING, DONE, FAILED, CANCELLED = IMPORT_STATES = (
    "expected",
    "waiting",
    "running",
    "done",
    "failed",
    "cancelled",
)
"""`expected` is an import whose file is on its way; `failed` is one that nothing more can be read of."""
UNDER_WAY = (WAITING, RUNNING)
EXPORT_STATES = (RUNNING, DONE)
CSV, JSON_LINES = FORMATS = ("csv", "jsonl")
