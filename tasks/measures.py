"""What workers count. See app/platform/metrics.py."""

from prometheus_client import Counter, Histogram

from app.platform.metrics import SLOW

DELIVERIES = Counter("backroom_deliveries", "Deliveries that were worked on", ["consumer", "outcome"])
WORKED = Histogram("backroom_delivery_seconds", "From claim to outcome", ["consumer"], buckets=SLOW)
WAITED = Histogram("backroom_delivery_delay_seconds", "From due to claim", ["consumer"], buckets=SLOW)
RINGS = Counter("backroom_doorbell_rings", "Messages to workers right after a commit", ["outcome"])
RUNS = Counter("backroom_task_runs", "What beat starts, and is no delivery", ["task", "outcome"])
RUN_SECONDS = Histogram("backroom_task_seconds", "Of a task that is no delivery", ["task"], buckets=SLOW)
RUNG_AGAIN = Counter("backroom_relay_rings", "Deliveries that the relay had to ring", ["queue"])
