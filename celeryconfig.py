"""Celery as a doorbell: a message says that there is work; what and whether stands in PostgreSQL.

The reasons for each setting are in docs/adr/0002-postgresql-is-the-truth.md.
"""

import os
import sys
from datetime import timedelta

from kombu import Queue

from app.events.subscriptions import QUEUES, RELAY_QUEUE, SUBSCRIPTIONS
from config import load_or_exit
from tasks.encryption import encryption_of

if os.environ.get("REMAP_SIGTERM"):
    sys.exit("Backroom cannot start: unset REMAP_SIGTERM, a signal must not raise inside a commit.")

settings = load_or_exit()

if "flower" in sys.argv and not settings.monitoring.flower_login and settings.app_env != "development":
    sys.exit("Backroom cannot start: FLOWER_BASIC_AUTH is missing: who gets into Flower can run any task.")

# The broker may vanish at any time, and come back empty.
broker_url = settings.celery_broker_url
# By rediss:// and amqps:// the broker has to prove itself.
broker_use_ssl = encryption_of(settings.celery_broker_url, settings.transport.tls_ca_file)
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_connection_timeout = 2
broker_pool_limit = 20
broker_transport_options = {
    "visibility_timeout": 900,  # longer than any task; the relay recovers what is lost long before
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,  # unset it is for ever, and a hanging Redis would hang us
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
    "global_keyprefix": "backroom:",
}
task_publish_retry = False
result_backend = None
task_ignore_result = True

task_acks_late = True
task_reject_on_worker_lost = (
    False  # a poisonous task would return at once, for ever; its lease returns it slowly
)
task_acks_on_failure = True
task_acks_on_timeout = True
worker_prefetch_multiplier = 1
worker_disable_prefetch = False
worker_cancel_long_running_tasks_on_connection_loss = False

# No exception by a signal: a task ends by itself, or with its process.
task_soft_time_limit = None
task_time_limit = 60
worker_soft_shutdown_timeout = 0.0
worker_pool = "tasks.pool:Pool"
worker_max_tasks_per_child = 2000
worker_max_memory_per_child = 300_000  # KiB
worker_proc_alive_timeout = 30

# Routes name queues only: named exchanges have bindings in Redis, which a flush takes away.
task_default_queue = "default"
task_queues = [Queue(name) for name in (*QUEUES, RELAY_QUEUE)]
task_create_missing_queues = False
task_routes = {each.consumer: {"queue": each.queue} for group in SUBSCRIPTIONS.values() for each in group} | {
    "events.relay": {"queue": RELAY_QUEUE},
    "settlement.expire_due": {"queue": "critical"},
    "inventory.expire_holds": {"queue": "critical"},
    "webhooks.feed": {"queue": "default"},
}

task_serializer = "json"
accept_content = ["json"]
result_accept_content = ["json"]
task_always_eager = False
enable_utc = True
timezone = "UTC"
worker_hijack_root_logger = False
worker_send_task_events = True  # for Flower
task_send_sent_event = False
task_track_started = False

# Every periodic task by name. A tick that no worker takes does not wait for ever. Its lifetime is long, as
# Celery compares two machines' clocks: with a short one, a worker whose clock is ahead would do nothing.
TICK_LIFETIME = 25 * 3600


def _every(seconds: float, task: str, *args: object) -> dict[str, object]:
    return {"task": task, "schedule": seconds, "args": args, "options": {"expires": TICK_LIFETIME}}


def _slot(job: str, *, every: int, looked_at: int) -> dict[str, object]:
    """A job that is owed once per period; looked at more often where beat may start anew in between."""
    return _every(float(looked_at), "events.reach_slot", job, every)


def _often(job: str, period: timedelta) -> dict[str, object]:
    """A job that is owed as often as a setting says."""
    seconds = int(period.total_seconds())
    return _slot(job, every=seconds, looked_at=seconds)


HOUR, DAY = 3600, 24 * 3600
beat_max_loop_interval = 1
beat_schedule = {
    "relay what the doorbell missed": _every(2.0, "events.relay"),
    "tell third parties": _every(2.0, "webhooks.feed"),
    "expire reservations": _every(15.0, "settlement.expire_due"),
    "expire those of other channels": _every(15.0, "inventory.expire_holds"),
    "forget idempotency keys": _slot("platform.forget_idempotency_keys", every=HOUR, looked_at=HOUR),
    "forget login tries": _slot("identity.forget_login_tries", every=HOUR, looked_at=HOUR),
    "forget logins and links that are over": _slot("identity.forget_ended", every=DAY, looked_at=HOUR),
    "forget buyers who are gone": _slot("orders.erase_due", every=HOUR, looked_at=HOUR),
    "remind of carts, and forget them": _slot("carts.tend", every=HOUR, looked_at=HOUR),
    "forget exports of own data": _slot("reporting.forget_exports", every=DAY, looked_at=HOUR),
    "forget done deliveries": _slot("events.forget_done_deliveries", every=600, looked_at=600),
    "count what sold lately": _slot("reporting.count_popularity", every=DAY, looked_at=HOUR),
    "make the listings anew, nightly": _slot("catalog.rebuild_listings", every=DAY, looked_at=HOUR),
    "check the invariants, nightly": _slot("ops.check_invariants", every=DAY, looked_at=HOUR),
    "ask about what is without an answer": _often("settlement.reconcile_open", settings.ask_every),
    "look out for payment methods that are being saved": _often(
        "payments.look_out_for_methods", settings.ask_every
    ),
    "compare with Stripe, recent": _often("settlement.reconcile_recent", settings.reconcile_every),
    "compare with Stripe, deep": _slot("settlement.reconcile_deep", every=DAY, looked_at=HOUR),
    "forget what old events said": _slot("payments.forget_events", every=HOUR, looked_at=HOUR),
    "clean up after uploads": _slot("media.clean_up", every=DAY, looked_at=HOUR),
    "clean up after imports and exports": _slot("transfers.clean_up", every=DAY, looked_at=HOUR),
    "forget what third parties were told": _slot("webhooks.forget_old", every=HOUR, looked_at=HOUR),
    "forget old comparisons": _slot("settlement.forget_runs", every=DAY, looked_at=HOUR),
}
DOMAINS = (
    "carts",
    "catalog",
    "events",
    "fulfillment",
    "identity",
    "inventory",
    "invoicing",
    "media",
    "notifications",
    "ops",
    "orders",
    "payments",
    "platform",
    "pricing",
    "reporting",
    "settlement",
    "transfers",
    "webhooks",
)
imports = tuple(f"tasks.{name}" for name in DOMAINS)
