import pytest
from flask import Flask

from app.payments.gateway.inline import InlineCalls


@pytest.fixture(autouse=True)
def inline_calls(app: Flask, monkeypatch: pytest.MonkeyPatch) -> InlineCalls:
    """The counter's calls to the provider, with a breaker that no earlier test has opened."""
    calls = InlineCalls(limit=4)
    monkeypatch.setitem(app.extensions, "inline_calls", calls)
    return calls
