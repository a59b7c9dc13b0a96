from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.media.gateway.protocol import Storage
from app.media.gateway.stores import Folder, RemoteBucket
from app.ops.services import doctor
from app.platform.db import transaction
from tests.media.keeping import Keeper, make_keeper
from tests.media.moto_server import MotoServer
from tests.work import load_tasks


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    """A storage that speaks S3."""
    server = MotoServer(tmp_path_factory.mktemp("moto"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(
    request: pytest.FixtureRequest,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Storage:
    """An empty storage, of either kind, in which the API and the tasks keep their files."""
    made: Storage = Folder(tmp_path_factory.mktemp("kept"))
    if request.param == "bucket":
        server: MotoServer = request.getfixturevalue("moto_server")
        made = RemoteBucket(server.bucket, timeout=timedelta(seconds=2), ca_file=None)
        made.delete([each.key for each in made.following("", limit=1000)])
    load_tasks()
    monkeypatch.setitem(app.extensions, "media_storage", made)
    monkeypatch.setattr("tasks.media.storage", lambda: made)
    return made


@pytest.fixture
def keeper(client: FlaskClient, storage: Storage) -> Iterator[Keeper]:
    """An admin with a product, on an empty database and an empty storage; in the end the books are right."""
    yield make_keeper(client)
    with transaction() as session:
        assert doctor.broken(doctor.examine(session)) == []
