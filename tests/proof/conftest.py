import pytest
from flask import Flask

from app.platform.db import transaction
from config import Settings
from proof.oracle import Verdict, judge
from tests.ops.broken_on_purpose import SmallShop, small_shop
from tests.proof.others import Judge, Others


@pytest.fixture
def shop(app: Flask, database: None) -> SmallShop:
    with transaction() as session:
        return small_shop(session)


@pytest.fixture
def told(settings: Settings) -> Judge:
    """The verdict over the committed shop and these others."""

    def ask(others: Others) -> Verdict:
        return judge(settings.database_url, books=others.books, inbox=others.inbox, history=others.history)

    return ask
