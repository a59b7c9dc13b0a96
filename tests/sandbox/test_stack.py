import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.addresses import Addresses, app_environment
from sandbox.closing import closing_text
from sandbox.errors import CannotStart
from sandbox.keys import Keys, kept_keys
from sandbox.runfile import NAMES, run_file
from sandbox.wanted import Wanted

ADDRESSES = Addresses(
    api="http://127.0.0.1:8000",
    live="http://127.0.0.1:8010",
    flower="http://127.0.0.1:5555",
    stripe="http://127.0.0.1:8420",
    database="postgresql+psycopg://backroom:pw@127.0.0.1:5433/backroom",
    redis="redis://:pw@127.0.0.1:6380/0",
    broker="redis://:pw@127.0.0.1:6381/0",
    smtp=("127.0.0.1", 2525),
    mail_page="http://127.0.0.1:8025",
)
KEYS = Keys(stripe_api_key="sk_test_1", stripe_webhook_secret="whsec_1")


def test_the_shop_is_told_where_the_embedded_parts_are() -> None:
    given = {"STRIPE_API_BASE": "http://elsewhere", "LOG_LEVEL": "DEBUG"}

    environment = app_environment(given, ADDRESSES, KEYS)

    assert environment["APP_ENV"] == "development"
    assert environment["STRIPE_API_BASE"] == ADDRESSES.stripe
    assert (environment["SMTP_HOST"], environment["SMTP_PORT"]) == ("127.0.0.1", "2525")
    assert environment["LOG_LEVEL"] == "DEBUG"


def test_a_key_of_stripe_that_was_brought_along_never_meets_the_stand_in() -> None:
    given = {"STRIPE_API_KEY": "sk_test_mine", "STRIPE_WEBHOOK_SECRET": "whsec_mine"}

    environment = app_environment(given, ADDRESSES, KEYS)

    assert "STRIPE_API_BASE" not in environment
    assert {name: environment[name] for name in given} == given


def test_the_run_file_names_everything_for_any_tool() -> None:
    stripe = {"api_key": "sk_test_1", "webhook_secret": "whsec_1"}

    content = run_file(ADDRESSES, stripe=stripe, mail_dir=Path("/shop/var/mail"), pids={"worker": [3, 4]})

    assert content["database_url"] == "postgresql://backroom:pw@127.0.0.1:5433/backroom"
    assert content["stripe"] == {"base": "http://127.0.0.1:8420", **stripe}
    assert content["pids"] == {name: [3, 4] if name == "worker" else [] for name in NAMES}
    assert len(NAMES) == 11


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = kept_keys(tmp_path / "secrets.json")

    assert kept_keys(tmp_path / "secrets.json") == first
    assert len(first.jwt_secret_key) >= 32
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(CannotStart, match="FLOWER_PORT must be a port number, not 'many'"):
        Wanted({"FLOWER_PORT": "many"}).free_port("FLOWER_PORT", 5555)


def test_the_lines_to_buy_by_hand_are_bash() -> None:
    text = closing_text(ADDRESSES, KEYS, stripe_key="sk_test_1")
    lines = text[text.index("field() {") :]

    checked = subprocess.run(  # noqa: S603 - our own lines, only parsed
        [shutil.which("bash") or "/bin/bash", "-n"], input=lines, text=True, capture_output=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "{api}" not in text
    assert "-u sk_test_1: -d payment_method=pm_card_visa" in text
