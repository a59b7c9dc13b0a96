from typing import Any

import pytest
from flask import Flask


@pytest.fixture(scope="session")
def document(app: Flask) -> dict[str, Any]:
    """What is served at /openapi.json."""
    served: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return served
