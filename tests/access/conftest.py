from collections.abc import Iterator

import pytest
from flask import Flask

from app.payments.gateway.inline import InlineCalls
from app.platform import context
from app.platform.db import transaction
from tests.access.asking import Asking
from tests.access.world import World, make_world
from tests.stand_in import StandIn
from tests.template import empty


@pytest.fixture(scope="module")
def world(app: Flask, stand_in: StandIn) -> Iterator[World]:
    """One shop for all calls: what they do is taken back."""
    stand_in.order("reset")
    app.extensions["inline_calls"] = InlineCalls(limit=4)
    yield make_world(app.test_client())
    with transaction() as session:
        empty(session)
    context.begin()


@pytest.fixture(scope="module")
def asking(app: Flask, world: World) -> Asking:
    """Everybody in it, with the calls that the document names."""
    client = app.test_client()
    return Asking(client, world, client.get("/openapi.json").get_json())
