"""What the stand-in was asked to model, item by item, and the tests that hold it to each."""

import re

import pytest

from tests.stand_in import ROOT

ACCEPTANCE = {
    "an intent waits for a method, for confirmation, then has succeeded": {
        "test_payment_intents": [
            "test_a_new_intent_waits_for_a_payment_method",
            "test_a_chosen_method_waits_for_confirmation",
            "test_a_good_card_pays_once_and_for_good",
        ],
    },
    "requires_action": {"test_three_d_secure": ["test_an_authenticated_buyer_pays_and_comes_back"]},
    "processing": {"test_cards": ["test_a_debit_is_processing_and_succeeds_later"]},
    "requires_capture, whole and partial, amount_received and amount_capturable": {
        "test_captures": [
            "test_manual_capture_holds_the_money_first",
            "test_what_is_held_is_captured_whole",
            "test_a_partial_capture_gives_the_rest_back",
        ],
    },
    "update": {"test_payment_intents": ["test_update_merges_metadata_and_changes_the_amount"]},
    "cancel with a reason": {"test_payment_intents": ["test_cancel_ends_an_unpaid_intent_with_its_reason"]},
    "latest_charge and balance_transaction with its fee": {
        "test_captures": ["test_a_payment_brings_its_amount_less_the_fee"],
    },
    "the test cards by number and by name": {
        "test_cards": ["test_a_declined_card_declines_by_name_and_by_number"],
    },
    "3-D Secure with a page, and a completion route": {
        "test_three_d_secure": [
            "test_an_authenticated_buyer_pays_and_comes_back",
            "test_a_failed_authentication_charges_nothing_and_wants_another_card",
        ],
    },
    "SetupIntents": {
        "test_setup_intents": [
            "test_a_setup_saves_a_card_for_its_customer",
            "test_a_buyer_proves_who_they_are_and_comes_back",
        ],
    },
    "off-session charges, authentication_required": {
        "test_setup_intents": [
            "test_a_card_that_was_set_up_pays_while_its_owner_is_away",
            "test_a_card_that_always_asks_is_declined_while_its_owner_is_away",
        ],
    },
    "refunds: full, partial, several, too large, charge_already_refunded": {
        "test_refunds": [
            "test_a_full_refund_gives_all_back",
            "test_several_partial_refunds_add_up_but_never_to_more_than_was_paid",
        ],
    },
    "refunds that are pending, and that fail": {
        "test_refunds": ["test_some_refunds_end_later_by_themselves"],
    },
    "disputes by pm_card_createDispute": {
        "test_disputes": ["test_a_test_card_is_disputed_after_its_charge", "test_evidence_decides_a_dispute"],
    },
    "Checkout Sessions: hosted page, expire, price_data": {
        "test_hosted_page": ["test_a_buyer_pays_and_is_sent_back_to_the_shop"],
        "test_checkout_sessions": [
            "test_expiring_ends_an_open_session_once",
            "test_the_line_items_are_told_in_order_on_request",
        ],
    },
    "customers and search": {
        "test_customers": ["test_a_customer_is_made_read_and_changed"],
        "test_search": ["test_customers_are_found_as_the_query_says"],
    },
    "payment methods of customers": {
        "test_saved_methods": [
            "test_attaching_a_test_name_makes_a_method_of_the_customers_own",
            "test_a_declining_card_is_declined_when_it_is_attached",
        ],
    },
    "events with ids, list and filter": {
        "test_events": [
            "test_events_are_listed_newest_first_with_their_request",
            "test_events_are_filtered_by_type",
            "test_events_are_filtered_by_delivery",
        ],
    },
    "webhooks: signed, retried with growing gaps, doubled, out of order": {
        "test_webhooks": [
            "test_a_payment_is_told_by_signed_webhooks",
            "test_a_refused_webhook_is_tried_again_until_it_is_taken",
            "test_doubled_webhooks_come_as_often_as_ordered_and_at_once",
            "test_shuffled_webhooks_lose_their_order",
        ],
    },
    "webhook endpoints": {
        "test_webhook_endpoints": [
            "test_an_endpoint_gets_the_events_it_wants_signed_with_its_own_secret",
            "test_each_endpoint_is_delivered_to_by_itself",
        ],
    },
    "idempotency: replay with its header, conflict, 409 while in flight": {
        "test_idempotency": [
            "test_the_same_key_replays_the_first_answer",
            "test_the_same_key_with_other_parameters_or_another_path_is_an_error",
            "test_a_key_in_use_is_a_conflict",
        ],
    },
    "faults: statuses, headers, timeouts before and after the effect, slow answers": {
        "test_faults": [
            "test_each_status_has_stripes_error",
            "test_headers_tell_the_client_what_to_do",
            "test_an_answer_can_be_missing_before_and_after_the_effect",
            "test_a_slow_answer_is_slow_as_often_as_ordered",
            "test_an_error_after_the_effect_is_kept_under_its_key",
        ],
    },
    "401 for a bad key": {"test_authentication": ["test_a_wrong_key_is_refused"]},
    "400 for an unknown parameter": {"test_parameters": ["test_wrong_parameters_are_refused_by_name"]},
    "objects as in Stripe's samples": {
        "test_contract": ["test_objects_have_the_fields_and_types_of_stripes_samples"],
    },
    "books that survive": {"test_durability": ["test_kill_9_loses_no_acknowledged_effect_and_doubles_none"]},
}


@pytest.mark.parametrize("item", ACCEPTANCE)
def test_every_item_has_its_tests(item: str) -> None:
    for module, names in ACCEPTANCE[item].items():
        written = (ROOT / "tests/sandbox/stripe" / f"{module}.py").read_text()
        assert {*names} <= {*re.findall(r"^def (test_\w+)", written, re.MULTILINE)}
