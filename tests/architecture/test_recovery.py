"""What the schedule promises of a shop that hears nothing from its provider."""

from datetime import timedelta

from celery import Celery

from app.settlement.workflows import reconciling
from config import load
from tasks import schedule
from tests.platform.test_config import DEVELOPMENT


def test_a_payment_without_any_webhook_is_settled_within_six_minutes(celery: Celery) -> None:
    periods, settings = schedule.periods(celery), load(DEVELOPMENT)
    step = timedelta(seconds=reconciling.STEP_SECONDS)

    asked = settings.longest_ask_gap + periods["settlement.reconcile_open"]
    listed = periods["settlement.reconcile_recent"] + step

    assert max(asked, listed) <= timedelta(minutes=6)
    assert settings.ask_gap + periods["settlement.reconcile_open"] <= timedelta(seconds=90)


def test_the_lists_reach_back_as_far_as_a_payment_can_be_open(celery: Celery) -> None:
    settings = load(DEVELOPMENT)

    assert settings.reconcile_recent >= settings.longest_hold
    assert settings.reconcile_deep >= settings.bank_processing_hold + settings.longest_hold
