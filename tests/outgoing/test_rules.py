import pytest

from tests.platform.test_config import PRODUCTION, complaint


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEBHOOK_LOCAL_TARGETS", "true", "WEBHOOK_LOCAL_TARGETS must be false in production."),
        ("WEBHOOK_TIMEOUT", "31", "WEBHOOK_TIMEOUT must be 30 seconds at most."),
    ],
)
def test_wrong_settings_of_webhooks_are_named(name: str, value: str, said: str) -> None:
    assert complaint(PRODUCTION | {name: value}) == said
