"""What the schedule promises of a shop that hears nothing from its provider."""

import json
import os
import subprocess
import sys
from datetime import timedelta

from celery import Celery

from app.settlement.workflows import reconciling
from config import Settings, load
from sandbox.code import CODE
from tasks import schedule
from tests.platform.test_config import DEVELOPMENT
from tests.tasks.environment import environment

PERIODS = """
import json
from tasks import schedule
from tasks.celery import app
print(json.dumps({name: period.total_seconds() for name, period in schedule.periods(app).items()}))
"""


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


def test_the_provider_is_asked_as_often_as_the_settings_say(settings: Settings) -> None:
    often = {"ASK_EVERY": "5", "RECONCILE_EVERY": "15"}

    said = subprocess.run(  # noqa: S603  # our own
        [sys.executable, "-c", PERIODS],
        cwd=CODE,
        env=dict(os.environ) | environment(settings, settings.celery_broker_url) | often,
        capture_output=True,
        text=True,
        check=True,
    )

    periods = json.loads(said.stdout)
    names = ("settlement.reconcile_open", "settlement.reconcile_recent")
    assert [periods[name] for name in names] == [5, 15]
