"""What production is not started with, however it is spelled."""

from pathlib import Path

from config import load
from tests.platform.test_config import DEVELOPMENT, PRODUCTION, STRONG, complaint


def test_production_refuses_a_key_that_moves_no_money() -> None:
    assert complaint(PRODUCTION | {"STRIPE_API_KEY": "sk_test_1"}).startswith("STRIPE_API_KEY is a test key")
    assert complaint(PRODUCTION | {"STRIPE_API_KEY": "sk_live_"}).startswith("STRIPE_API_KEY is cut short")
    staging = load(PRODUCTION | {"APP_ENV": "staging", "STRIPE_API_KEY": "sk_test_1"})
    assert staging.stripe_api_key == "sk_test_1"


def test_production_sends_no_mail_unencrypted_to_another_machine() -> None:
    unencrypted = {"SMTP_STARTTLS": "false"}

    assert complaint(PRODUCTION | unencrypted).startswith("SMTP_STARTTLS must be true in production")
    assert load(PRODUCTION | unencrypted | {"SMTP_HOST": "127.0.0.1"}).smtp.starttls is False


def test_a_file_of_certificates_must_be_there(tmp_path: Path) -> None:
    missing, there = tmp_path / "missing.pem", tmp_path / "ca.pem"
    there.touch()

    assert complaint(DEVELOPMENT | {"TLS_CA_FILE": str(missing)}).startswith("TLS_CA_FILE must name a file")
    assert load(DEVELOPMENT | {"TLS_CA_FILE": str(there)}).transport.tls_ca_file == there


def test_a_private_network_may_be_unencrypted_if_somebody_says_so() -> None:
    password = STRONG[:16]
    plain = {"REDIS_URL": f"redis://:{password}@cache", "CELERY_BROKER_URL": f"redis://u:{password}@broker"}
    settings = load(PRODUCTION | plain | {"REDIS_TLS": "false", "DATABASE_TLS": "false"})

    assert (settings.redis_url, settings.transport.database_tls) == (plain["REDIS_URL"], False)
