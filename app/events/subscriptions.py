"""Who is owed work when something happens: the whole map of the backroom on one page.

A consumer's name is its Celery task's. The queue is chosen by behaviour: `critical` moves money and stock,
`default` is short database work, `email` waits for mail servers, `webhooks` for third parties, `bulk`
takes long.
"""

from dataclasses import dataclass
from datetime import timedelta

QUEUES = ("critical", "default", "email", "webhooks", "bulk")
RELAY_QUEUE = "relay"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consumer of a topic.

    `max_attempts` None means that the work never dies by count: it alarms and goes on slowly. `key` names the
    payload fields that make two events the same work; without it each event is work of its own. `when` names
    a payload field, and the value that it must have for the event to be for this consumer.
    """

    consumer: str
    queue: str
    max_attempts: int | None = 12
    key: tuple[str, ...] = ()
    when: tuple[str, bool] | None = None

    @property
    def longest_backoff(self) -> timedelta:
        """Money and mail are never further than ten minutes from the next try."""
        return timedelta(minutes=10) if self.max_attempts is None else timedelta(hours=1)


def _money(consumer: str, *key: str, when: tuple[str, bool] | None = None) -> Subscription:
    return Subscription(consumer, "critical", None, key, when)


def _mail(consumer: str, *, key: str = "order_id", when: tuple[str, bool] | None = None) -> Subscription:
    return Subscription(consumer, "email", None, (key,), when)


def _job(consumer: str) -> Subscription:
    return Subscription(consumer, "bulk", key=("job", "slot"))


_UNLISTED = Subscription("catalog.refresh_listing", "default", when=("listed", False))

SUBSCRIPTIONS: dict[str, tuple[Subscription, ...]] = {
    "identity.guest_signed_in": (Subscription("carts.merge", "default"),),
    "identity.account_deleted": (
        Subscription("notifications.forget_user", "default"),
        Subscription("reporting.forget_user", "default"),
        Subscription("payments.forget_user", "default"),
        Subscription("catalog.forget_user", "default"),
        Subscription("platform.forget_user", "default"),
    ),
    "reporting.export_requested": (Subscription("reporting.build_export", "bulk", key=("export_id",)),),
    "reporting.popularity_continued": (Subscription("reporting.continue_popularity", "bulk"),),
    "reporting.export_ready": (_mail("notifications.export_ready", key="export_id"),),
    "identity.refresh_token_reused": (_mail("notifications.login_ended", key="session_id"),),
    "identity.password_reset_requested": (_mail("notifications.password_reset", key="link_id"),),
    "identity.password_changed": (_mail("notifications.password_changed", key="change_id"),),
    "identity.verification_requested": (_mail("notifications.email_verification", key="link_id"),),
    "identity.email_verified": (),
    "identity.email_change_requested": (
        _mail("notifications.email_change", key="link_id"),
        _mail("notifications.email_change_asked", key="link_id"),
    ),
    "identity.email_changed": (
        _mail("notifications.email_changed", key="link_id"),
        Subscription("orders.follow_change", "default"),
    ),
    "identity.user_suspended": (),
    "identity.user_reactivated": (),
    "identity.role_changed": (),
    "identity.seller_applied": (),
    "identity.seller_decided": (
        _mail("notifications.seller_approved", key="application_id", when=("approved", True)),
        _mail("notifications.seller_rejected", key="application_id", when=("approved", False)),
    ),
    "identity.logged_out_everywhere": (),
    "identity.api_key_made": (),
    "identity.api_key_replaced": (),
    "identity.api_key_revoked": (),
    "carts.left": (_mail("notifications.cart_reminder", key="reminder_id"),),
    "carts.tending_continued": (Subscription("carts.tend_on", "bulk"),),
    "orders.placed": (
        _mail("notifications.order_received"),
        _money("payments.open", "payment_id", when=("payable", True)),
    ),
    "orders.paid": (
        _money("orders.finalize", "order_id"),
        Subscription("carts.remove_ordered", "default"),
        _mail("notifications.order_paid"),
        Subscription("invoicing.issue", "bulk", None, ("order_id",)),
    ),
    # Two mails: an order that expired may be revived by late money, and cancelled once more.
    "orders.cancelled": (
        _mail("notifications.order_cancelled", when=("paid", False)),
        _mail("notifications.paid_order_cancelled", when=("paid", True)),
    ),
    "orders.unavailable": (_mail("notifications.order_unavailable"),),
    "orders.cancel_requested": (),
    "orders.claimed": (Subscription("fulfillment.note_purchases", "default"),),
    "orders.finalized": (),
    "orders.packed": (),
    "orders.shipped": (),
    "orders.delivered": (_mail("notifications.order_delivered"),),
    "pricing.coupon_reserved": (),
    "pricing.coupon_used": (),
    "pricing.coupon_released": (),
    "fulfillment.parcel_started": (),
    "fulfillment.parcel_packed": (),
    # Again once it was unpacked before anybody was told; who was told is told no second time.
    "fulfillment.parcel_ready": (
        Subscription("notifications.order_ready", "email", None),
        Subscription("notifications.order_ready_text", "email", None),
    ),
    "fulfillment.parcel_unpacked": (),
    "fulfillment.parcel_shipped": (
        _mail("notifications.order_shipped", key="parcel_id"),
        _mail("notifications.order_shipped_text", key="parcel_id"),
    ),
    "fulfillment.tracking_changed": (),
    "fulfillment.parcel_delivered": (Subscription("fulfillment.note_purchases", "default"),),
    "catalog.reviews_changed": (),
    "catalog.window_changed": (Subscription("catalog.forget_answers", "default"),),
    "orders.wish_changed": (),
    "fulfillment.return_requested": (_mail("notifications.return_requested", key="return_id"),),
    "fulfillment.return_approved": (_mail("notifications.return_approved", key="return_id"),),
    "fulfillment.return_rejected": (_mail("notifications.return_rejected", key="return_id"),),
    "fulfillment.return_received": (_mail("notifications.return_received", key="return_id"),),
    "fulfillment.return_withdrawn": (),
    "orders.erased": (
        Subscription("notifications.forget_order", "default"),
        Subscription("fulfillment.forget_order", "default"),
        Subscription("pricing.forget_order", "default"),
        Subscription("payments.forget_order", "default"),
    ),
    "orders.review_opened": (),
    "orders.hold_extended": (),
    "orders.hold_shortened": (),
    "payments.open_requested": (_money("payments.open", "payment_id"),),
    "payments.replace_requested": (_money("settlement.replace_payment", "payment_id"),),
    # While the bank takes days, the buyer goes on shopping.
    "payments.opened": (Subscription("carts.remove_ordered", "default", when=("by_transfer", True)),),
    "payments.transfer_noted": (),
    "payments.declined": (),
    "payments.processing": (),
    "payments.succeeded": (),
    "payments.cancelled": (),
    "payments.close_requested": (_money("settlement.close_payment", "order_id", "hold_until"),),
    "payments.confirm_requested": (_money("settlement.confirm_payment"),),
    "payments.review_lapsed": (_money("settlement.refund_review", "review_id"),),
    "payments.review_decided": (),
    "payments.method_removed": (_money("payments.detach_method", "method_id"),),
    "payments.sync_requested": (Subscription("payments.copy_methods", "bulk"),),
    "payments.event_received": (_money("settlement.process_event", "event_id"),),
    "refunds.owed": (_money("settlement.send_refund", "refund_id"),),
    "refunds.send_requested": (_money("settlement.send_refund", "refund_id"),),
    "refunds.found": (),
    "refunds.sent": (),
    "refunds.succeeded": (
        _mail("notifications.order_refunded", key="refund_id"),
        Subscription("invoicing.credit", "bulk", None, ("refund_id",)),
    ),
    "invoicing.invoice_issued": (),
    "invoicing.credit_note_issued": (),
    "invoicing.render_requested": (Subscription("invoicing.render", "bulk"),),
    "refunds.failed": (),
    "disputes.opened": (),
    "disputes.withdrawn": (),
    "disputes.reinstated": (),
    "disputes.won": (),
    "disputes.lost": (),
    "settlement.reconciliation_continued": (
        Subscription("settlement.reconcile", "bulk", key=("run_id", "step")),
    ),
    "settlement.difference_found": (),
    "settlement.orphan_refunded": (),
    "inventory.stock_adjusted": (),
    "inventory.sold_out": (_UNLISTED,),
    "inventory.back_in_stock": (
        _UNLISTED,
        Subscription("notifications.tell_waiting", "bulk"),
    ),
    "inventory.low": (Subscription("notifications.announce_low_stock", "default"),),
    "notifications.telling_continued": (Subscription("notifications.tell_waiting", "bulk"),),
    "notifications.low_stock_noticed": (_mail("notifications.low_stock", key="notice_id"),),
    "notifications.back_in_stock_noticed": (_mail("notifications.back_in_stock", key="notice_id"),),
    "inventory.hold_placed": (),
    "inventory.hold_committed": (),
    "inventory.hold_released": (),
    "media.uploaded": (Subscription("media.prepare", "bulk", key=("upload_id",)),),
    "media.ready": (Subscription("catalog.show_picture", "default", key=("upload_id",)),),
    "media.refused": (),
    "media.removed": (Subscription("media.erase", "bulk", key=("upload_id",)),),
    "media.sweep_owed": (Subscription("media.sweep", "bulk", key=("slot", "after")),),
    "catalog.category_moved": (Subscription("catalog.refresh_branch", "bulk"),),
    "catalog.rebuild_continued": (Subscription("catalog.continue_rebuild", "bulk"),),
    "transfers.import_continued": (Subscription("transfers.import_step", "bulk", key=("import_id", "step")),),
    "transfers.import_ended": (),
    "transfers.export_continued": (Subscription("transfers.export_step", "bulk", key=("export_id", "step")),),
    "transfers.order_export_continued": (
        Subscription("transfers.order_export_step", "bulk", key=("export_id", "step")),
    ),
    "notifications.sent": (),
    "notifications.text_sent": (),
    "notifications.refused": (),
    "notifications.resend_requested": (Subscription("notifications.resend", "email", None),),
    "webhooks.message_owed": (Subscription("webhooks.send", "webhooks", key=("message_id", "round")),),
    "webhooks.message_given_up": (),
    "webhooks.endpoint_disabled": (_mail("notifications.webhook_disabled", key="disabling_id"),),
    "webhooks.endpoint_pinged": (),
    "webhooks.notice_received": (),
    "webhooks.alert_raised": (_mail("notifications.service_alert", key="alert_id"),),
    "events.work_retried": (),
    "events.work_dropped": (Subscription("webhooks.give_up", "bulk"),),
    "schedule.slot_reached": (
        _job("platform.forget_idempotency_keys"),
        _job("identity.forget_login_tries"),
        _job("identity.forget_ended"),
        _job("orders.erase_due"),
        _job("carts.tend"),
        _job("reporting.forget_exports"),
        _job("events.forget_done_deliveries"),
        _job("ops.check_invariants"),
        _job("settlement.reconcile_open"),
        _job("settlement.reconcile_recent"),
        _job("settlement.reconcile_deep"),
        _job("catalog.rebuild_listings"),
        _job("reporting.count_popularity"),
        _job("settlement.forget_runs"),
        _job("payments.look_out_for_methods"),
        _job("payments.forget_events"),
        _job("media.clean_up"),
        _job("transfers.clean_up"),
        _job("webhooks.forget_old"),
    ),
}
"""Topic to subscriptions. A topic without any is still a fact of the timeline."""


def subscription(consumer: str) -> Subscription:
    """The subscription of a consumer. Raises KeyError for one that no topic names."""
    return _BY_CONSUMER[consumer]


def is_consumer(name: str) -> bool:
    """Whether a task of this name does deliveries."""
    return name in _BY_CONSUMER


_BY_CONSUMER = {each.consumer: each for group in SUBSCRIPTIONS.values() for each in group}
