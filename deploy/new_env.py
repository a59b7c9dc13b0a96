"""A new `.env` with secrets of its own: `python3 deploy/new_env.py > .env`.

With --development it is ready for `docker compose up`: the Stripe stand-in, caught mail, demo goods. Without,
what only you can know is left blank, and Compose names what is missing.
"""

import argparse
import secrets
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / ".env.example"
SECRETS = (
    "POSTGRES_PASSWORD",
    "APP_DATABASE_PASSWORD",
    "CACHE_PASSWORD",
    "BROKER_PASSWORD",
    "JWT_SECRET_KEY",
    "FLOWER_PASSWORD",
    "METRICS_TOKEN",
    "GRAFANA_PASSWORD",
)


def new_env(example: str, *, development: bool) -> str:
    """The example with every secret that is ours to choose; repeating it chooses others."""
    values = {name: secrets.token_urlsafe(32) for name in SECRETS}
    if development:
        values |= _for_development()
    return "".join(f"{_filled(line, values)}\n" for line in example.splitlines())


def _for_development() -> dict[str, str]:
    return {
        "COMPOSE_PROFILES": "development",
        "APP_ENV": "development",
        "TRUSTED_PROXIES": "0",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "LIVE_URL": "http://127.0.0.1:8010",
        "STRIPE_API_BASE": "http://stripe:8420",
        "STRIPE_API_KEY": f"sk_test_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
        "SMTP_HOST": "mail",
        "SMTP_PORT": "2525",
        "MAIL_FROM": "Backroom <shop@example.com>",
        "SELLER_NAME": "Backroom",
        "SELLER_ADDRESS": "1 Back Street; London; United Kingdom",
    }


def _filled(line: str, values: dict[str, str]) -> str:
    name, is_setting, _ = line.partition("=")
    return f"{name}={values[name]}" if is_setting and name in values else line


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(prog="python3 deploy/new_env.py", description=__doc__)
    parser.add_argument("--development", action="store_true", help="everything beside the shop included")
    print(new_env(EXAMPLE.read_text(), development=parser.parse_args().development), end="")


if __name__ == "__main__":
    main()
