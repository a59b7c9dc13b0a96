"""A run of ten thousand orders leaves more to be judged than the shop's own limits allow."""

from datetime import timedelta

from config import load
from proof.chaos.run import of_a_judge
from proof.chaos.shop import TIMES

URL = "postgresql+psycopg://backroom:secret@127.0.0.1:9/backroom"
ENVIRONMENT = TIMES | {
    "APP_ENV": "development",
    "DATABASE_URL": "postgresql+psycopg://backroom:secret@127.0.0.1:8/backroom",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:9/0",
    "JWT_SECRET_KEY": "a key for tests of more than 32 characters",
    "STRIPE_API_KEY": "sk_test_backroom",
    "STRIPE_WEBHOOK_SECRET": "whsec_backroom",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "SMTP_HOST": "127.0.0.1",
    "MAIL_FROM": "Backroom <shop@example.com>",
}


def test_who_judges_may_think_for_longer_than_the_shop_and_looks_past_the_proxy() -> None:
    shops, judges = load(ENVIRONMENT), of_a_judge(ENVIRONMENT, URL)

    assert shops.idle_in_transaction_timeout == timedelta(seconds=5)
    assert judges.idle_in_transaction_timeout == timedelta(minutes=10)
    assert (judges.database_url, judges.longest_hold) == (URL, shops.longest_hold)
