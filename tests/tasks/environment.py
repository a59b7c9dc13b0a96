"""What a process of Celery finds in its environment during tests."""

from config import Settings

GATE = 4711
"""An advisory lock: who holds it keeps the workers of tests waiting in the middle of their work."""


def environment(settings: Settings, broker_url: str) -> dict[str, str]:
    """The settings of the tests, as the environment says them; with this broker."""
    return {
        "APP_ENV": settings.app_env,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CELERY_BROKER_URL": broker_url,
        "JWT_SECRET_KEY": settings.jwt_secret_key,
        "STRIPE_API_KEY": settings.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": ",".join(settings.stripe_webhook_secrets),
        "STRIPE_API_BASE": settings.stripe_api_base,
        "SMTP_HOST": settings.smtp.host,
        "MAIL_FROM": settings.mail_from,
        "BACKOFF_BASE": str(settings.backoff_base.total_seconds()),
    }
