from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from app.media.gateway.rules import Bucket
from config import SettingError, Settings, load

DEVELOPMENT = {
    "APP_ENV": "development",
    "DATABASE_URL": "postgres://backroom:secret@db.example.com:5432/backroom",
    "REDIS_URL": "redis://cache.example.com:6379/0",
    "CELERY_BROKER_URL": "redis://broker.example.com:6379/0",
    "JWT_SECRET_KEY": "short",
    "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_HOST": "mail.example.com",
    "MAIL_FROM": "shop@example.com",
}
STRONG = "pQ7-vK2_nR9.xW4+zB6=tY1!mC8?hJ5a"
PRODUCTION = DEVELOPMENT | {
    "APP_ENV": "production",
    "JWT_SECRET_KEY": STRONG,
    "STRIPE_API_KEY": "sk_live_4f9Kq2Zr8Wm1Xc7Vb3Nt",
    "STRIPE_WEBHOOK_SECRET": "whsec_and_eighteen_more_",
    "PUBLIC_URL": "https://shop.example.com",
    "DATABASE_URL": f"postgres://backroom:{STRONG[:16]}@db.example.com:5432/backroom",
    "REDIS_URL": f"rediss://:{STRONG[:16]}@cache.example.com:6379/0",
    "CELERY_BROKER_URL": f"rediss://:{STRONG[:16]}@broker.example.com:6379/0",
    "MEDIA_URL": "file:///srv/media",
    "SELLER_NAME": "Lamps & Co",
    "SELLER_ADDRESS": "1 Back Street; London; United Kingdom",
}
NEEDED = sorted(DEVELOPMENT.keys() - {"APP_ENV"})


def complaint(values: dict[str, str]) -> str:
    """What is said about wrong settings."""
    with pytest.raises(SettingError) as caught:
        load(values)
    return str(caught.value)


def test_what_is_not_said_has_a_default() -> None:
    settings = load(DEVELOPMENT)

    assert settings.reservation_hold == timedelta(minutes=15)
    assert settings.lease == timedelta(seconds=30)
    assert (settings.currency, settings.log_level, settings.ring_ahead) == ("USD", "INFO", 200)
    assert (settings.smtp.user, settings.smtp.port, settings.smtp.starttls) == (None, 587, False)


def test_without_a_word_it_is_production_and_mail_is_encrypted() -> None:
    settings = load({name: value for name, value in PRODUCTION.items() if name != "APP_ENV"})

    assert (settings.app_env, settings.smtp.starttls) == ("production", True)


def test_a_database_is_reached_through_one_driver_however_its_url_is_spelled() -> None:
    spelled = [scheme + "://u@h/d" for scheme in ("postgres", "postgresql", "postgresql+psycopg")]

    found = {load(DEVELOPMENT | {"DATABASE_URL": url}).database_url for url in spelled}

    assert found == {"postgresql+psycopg://u@h/d"}


@pytest.mark.parametrize("blank", [None, "", "  "])
@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_setting_is_named_in_one_line(name: str, blank: str | None) -> None:
    values = {key: value for key, value in DEVELOPMENT.items() if key != name}
    if blank is not None:
        values[name] = blank

    assert complaint(values) == f"{name} is missing: set it in the environment."


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("APP_ENV", "prod", "must be one of development, staging, production."),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR."),
        ("DATABASE_URL", "mysql://h/d", "must be a URL that starts with postgresql:// or postgres://"),
        ("DATABASE_URL", "postgresql://h:port/d", "must be a URL"),
        ("REDIS_URL", "redis://", "must be a URL that starts with redis:// or rediss://."),
        ("CELERY_BROKER_URL", "http://h", "must be a URL that starts with redis://"),
        ("DATABASE_POOL_SIZE", "0", "must be a whole number from 1 to 2147483647."),
        ("RING_AHEAD", "4.5", "must be a whole number from 1 to 2147483647."),
        ("TAX_BASIS_POINTS", "-1", "must be a whole number from 0 to 2147483647."),
        ("LEASE", "0", "must be a number of seconds greater than 0."),
        ("LEASE", "soon", "must be a number of seconds greater than 0."),
        ("LEASE", "nan", "must be a number of seconds greater than 0."),
        ("LEASE", "inf", "must be a number of seconds greater than 0."),
        ("SESSION_HOLD", "2099", "must be from 2100 to 82800 seconds."),
        ("SESSION_HOLD", "82801", "must be from 2100 to 82800 seconds."),
        ("STRIPE_API_KEY", "pk_test_1", "must be a secret key of Stripe"),
        ("STRIPE_API_KEY", "sk_live_1", "is a live key: development must not move real money."),
        ("STRIPE_WEBHOOK_SECRET", "whsec_", "must hold signing secrets that start with whsec_"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_1,abc", "must hold signing secrets that start with whsec_"),
        ("CURRENCY", "usd", "must be a currency code of three capital letters"),
        ("SMTP_PORT", "65536", "must be a whole number from 1 to 65535."),
        ("MAIL_FROM", "not an address", "must be a mail address, like Shop <shop@example.com>."),
        ("SMTP_STARTTLS", "yes", "must be one of true, false."),
    ],
)
def test_a_malformed_setting_is_named_with_what_it_should_be(name: str, value: str, advice: str) -> None:
    said = complaint(DEVELOPMENT | {name: value})

    assert said.startswith(f"{name} {advice}")
    assert "\n" not in said


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    "secret",
    [
        "short",
        STRONG[:31],
        "abcdefg" * 10,
        "0123456789abcdef" * 2,
        f"change-me-please-{STRONG}",
        f"{STRONG}-Secret",
    ],
)
def test_a_weak_secret_is_refused_outside_development(environment: str, secret: str) -> None:
    values = PRODUCTION | {"APP_ENV": environment, "JWT_SECRET_KEY": secret}

    assert complaint(values) == "JWT_SECRET_KEY is too weak: use at least 32 random characters."


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("STRIPE_WEBHOOK_SECRET", "whsec_1", "must hold signing secrets that start with whsec_, of 24"),
        ("LEASE", "24", "must be at least 25 seconds."),
        ("HTTPS_ONLY", "false", "must be true in production."),
        ("REDIS_URL", "redis://cache", "must start with rediss:// or amqps://, or REDIS_TLS be false"),
        ("CELERY_BROKER_URL", "redis://broker", "must start with rediss:// or amqps://"),
        ("DATABASE_URL", "postgres://u:fifteen-letters@h/d", "has a weak password: use at least 16 random"),
        ("DATABASE_URL", f"postgres://u:{'x' * 16}@h/d", "has a weak password: use at least 16 random"),
        ("DATABASE_URL", "postgres://u@h/d?password=a", "has a weak password: use at least 16 random"),
        ("REDIS_URL", "rediss://cache", "must have a password in production."),
        ("REDIS_URL", "rediss://:a@cache", "has a weak password: use at least 16 random characters."),
        ("CELERY_BROKER_URL", "rediss://u@broker", "must have a password in production."),
        ("STRIPE_WEBHOOK_SECRET", "whsec_aaaaaaaaaaaaaaaaaaaa", "is too weak: copy what Stripe shows."),
        ("FLOWER_BASIC_AUTH", f"{STRONG}x", "must be user:password, with at least 16 random characters."),
        ("FLOWER_BASIC_AUTH", f"{STRONG}:admin", "must be user:password, with at least 16 random"),
        ("FLOWER_BASIC_AUTH", "admin:admin", "is too weak: use at least 32 random characters."),
        ("METRICS_TOKEN", "short", "is too weak: use at least 32 random characters."),
        ("STRIPE_API_BASE", "http://stripe.example.com", "must start with https:// in production."),
        ("FLASK_DEBUG", "1", "must be off in production."),
        ("CORS_ORIGINS", "http://shop.example.com", "must be origins like https://shop.example.com"),
        ("PUBLIC_URL", "http://shop.example.com", "must start with https:// in production."),
    ],
)
def test_production_refuses_what_development_may_have(name: str, value: str, advice: str) -> None:
    assert complaint(PRODUCTION | {name: value}).startswith(f"{name} {advice}")
    assert load(DEVELOPMENT | {name: value}).app_env == "development"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"MEDIA_URL": "var/media"}, "MEDIA_URL must be a folder like file:///srv/media, or a bucket like"),
        ({"MEDIA_URL": "file://srv/media"}, "MEDIA_URL must be a folder"),
        ({"MEDIA_URL": "s3:///pictures"}, "MEDIA_URL must be a folder"),
        ({"MEDIA_S3_ACCESS_KEY": "key"}, "MEDIA_S3_ACCESS_KEY and MEDIA_S3_SECRET_KEY belong together."),
        ({"MEDIA_LARGEST_UPLOAD": "999"}, "MEDIA_LARGEST_UPLOAD must be a whole number from 1000"),
    ],
)
def test_a_place_for_pictures_that_is_none_is_refused(values: dict[str, str], said: str) -> None:
    assert complaint(DEVELOPMENT | values).startswith(said)


def test_pictures_are_kept_in_a_folder_or_in_a_bucket() -> None:
    folder = load(PRODUCTION | {"MEDIA_URL": "file:///srv/my%20media"}).media
    bucket = load(PRODUCTION | {"MEDIA_URL": "s3://pictures/of/shop"}).media.place

    assert (folder.place, folder.public_url) == (Path("/srv/my media"), "https://shop.example.com/media")
    assert isinstance(bucket, Bucket)
    assert (bucket.name, bucket.prefix, bucket.endpoint, bucket.region) == (
        "pictures",
        "of/shop",
        None,
        "us-east-1",
    )


def test_production_says_where_pictures_are_kept_and_speaks_to_a_bucket_encrypted() -> None:
    unsaid = {name: value for name, value in PRODUCTION.items() if name != "MEDIA_URL"}
    plain = {"MEDIA_URL": "s3://pictures", "MEDIA_S3_ENDPOINT": "http://storage.example.com"}

    assert complaint(unsaid) == "MEDIA_URL is missing: set it in the environment."
    assert complaint(PRODUCTION | plain) == "MEDIA_S3_ENDPOINT must start with https:// in production."
    assert load(DEVELOPMENT).media.place == Path("var/media").absolute()


def test_two_signing_secrets_overlap_while_one_replaces_the_other() -> None:
    settings = load(DEVELOPMENT | {"STRIPE_WEBHOOK_SECRET": "whsec_old, whsec_new"})

    assert settings.stripe_webhook_secrets == ("whsec_old", "whsec_new")


def test_settings_stay_as_they_were_read() -> None:
    settings: Settings = load(DEVELOPMENT)

    with pytest.raises(FrozenInstanceError):
        settings.lease = timedelta(0)  # type: ignore[misc]  # what this test is about


def test_nothing_is_reported_anywhere_unless_it_is_said() -> None:
    monitoring = load(DEVELOPMENT).monitoring

    off = (monitoring.metrics_folder, monitoring.metrics_port, monitoring.traces_endpoint)
    assert (*off, monitoring.sentry_dsn, monitoring.metrics_token) == (None,) * 5
    assert monitoring.overdue_limit == timedelta(seconds=60)


def test_monitoring_is_switched_on_by_its_settings() -> None:
    monitoring = load(
        DEVELOPMENT
        | {
            "PROMETHEUS_MULTIPROC_DIR": "metrics",
            "METRICS_PORT": "9100",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example.com:4318",
            "TRACES_RATIO": "0.1",
            "SENTRY_DSN": "https://key@sentry.example.com/1",
        }
    ).monitoring

    assert (str(monitoring.metrics_folder), monitoring.metrics_port) == ("metrics", 9100)
    assert (monitoring.traces_endpoint, monitoring.traces_ratio) == ("http://collector.example.com:4318", 0.1)
    assert monitoring.sentry_dsn == "https://key@sentry.example.com/1"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("METRICS_PORT", "9100", "METRICS_PORT needs PROMETHEUS_MULTIPROC_DIR, a folder for the metrics."),
        ("TRACES_RATIO", "2", "TRACES_RATIO must be a number from 0 to 1."),
        ("SENTRY_DSN", "key", "SENTRY_DSN must be a URL that starts with http:// or https://."),
    ],
)
def test_wrong_settings_of_monitoring_are_named(name: str, value: str, said: str) -> None:
    assert complaint(DEVELOPMENT | {name: value}) == said


def test_rate_limits_have_defaults_that_entries_change_and_the_last_wins() -> None:
    policy = load(PRODUCTION).rate_limits
    changed = load(PRODUCTION | {"RATE_LIMITS": "*.user=7, read.*=9"}).rate_limits

    assert (policy["read", "address"].requests, policy["order", "user"].requests) == (600, 60)
    assert [changed["read", kind].requests for kind in ("address", "user", "key")] == [9, 9, 9]
    assert [changed[name, "user"].requests for name in ("write", "order")] == [7, 7]
    assert changed["write", "address"] == policy["write", "address"]


def test_development_allows_6000_requests_a_minute_and_address() -> None:
    assert {limit.requests for limit in load(DEVELOPMENT).rate_limits.values()} == {6_000, 12_000, 60_000}


@pytest.mark.parametrize("entry", ["read", "read=5", "read.address=0", "read.address=x", "reed.address=5"])
def test_a_malformed_rate_limit_is_refused(entry: str) -> None:
    assert complaint(DEVELOPMENT | {"RATE_LIMITS": entry}).startswith("RATE_LIMITS must be entries like")


def test_production_is_encrypted_and_shows_nothing_by_itself() -> None:
    transport, relaxed = load(PRODUCTION).transport, load(DEVELOPMENT).transport

    assert (transport.https_only, transport.database_tls, transport.public_docs) == (True, True, False)
    assert (relaxed.https_only, relaxed.database_tls, relaxed.public_docs) == (False, False, True)
    assert (transport.trusted_proxies, transport.hsts_seconds) == (0, 31_536_000)
    assert transport.cors_origins == frozenset()


@pytest.mark.parametrize(
    "origin", ["*", "https://shop.example.com/", "shop.example.com", "null", "https://", "ftp://shop"]
)
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    known = load(DEVELOPMENT | {"CORS_ORIGINS": "https://a.example.com, http://localhost:3000"}).transport

    assert known.cors_origins == {"https://a.example.com", "http://localhost:3000"}
    assert complaint(DEVELOPMENT | {"CORS_ORIGINS": origin}).startswith("CORS_ORIGINS must be origins")


def test_migrations_may_have_a_user_of_their_own() -> None:
    owner = {"DATABASE_MIGRATION_URL": f"postgres://owner:{STRONG[:16]}@db.example.com:5432/backroom"}

    assert load(PRODUCTION).migration_url == load(PRODUCTION).database_url
    assert load(PRODUCTION | owner).migration_url.startswith("postgresql+psycopg://owner:")


def test_production_says_who_sells_as_no_invoice_can_be_changed() -> None:
    unsaid = {name: value for name, value in PRODUCTION.items() if name != "SELLER_NAME"}
    seller = load(PRODUCTION).invoicing.seller

    assert (seller.name, seller.address) == ("Lamps & Co", ("1 Back Street", "London", "United Kingdom"))
    assert complaint(unsaid) == "SELLER_NAME is missing: set it in the environment."
    assert complaint(PRODUCTION | {"MORE_FONTS": "/nowhere"}) == "MORE_FONTS must be a folder with fonts."
