import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sandbox.ports import free_port
from tests.live import serving
from tests.openapi.fuzzing import ENDS_THE_LOGIN, callers, fuzz, principals, settings_for

CALLS_OF_STRANGERS, CALLS_OF_OTHERS = 4, 1
LONG = int(os.environ.get("FUZZ_SECONDS", "0"))
"""How long the long run lasts, by hand: it sends each kind of caller everywhere."""
pytestmark = pytest.mark.timeout(300)  # of a busy machine, for some hundred calls of the document
KINDS = ("nobody", "customer", "seller", "admin", "key")
NOBODY: dict[str, Any] = {}


def anybody_may(operation: dict[str, Any]) -> bool:
    return operation["security"] == [] or NOBODY in operation["security"]


def public_operations(document: dict[str, Any]) -> list[str]:
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    return sorted(operation["operationId"] for operation in operations if anybody_may(operation))


def test_whatever_strangers_send_is_answered_as_documented(
    app: Flask, database: None, document: dict[str, Any], tmp_path: Path
) -> None:
    public = public_operations(document)
    chosen = [f"--include-operation-id={name}" for name in public]

    assert {"list_products", "register"} <= set(public)
    with serving(app, free_port()) as url:
        fuzz(url, *chosen, f"--max-examples={CALLS_OF_STRANGERS}", folder=tmp_path)


def test_whatever_somebody_sends_who_is_let_in_is_answered_as_documented(
    app: Flask, database: None, document: dict[str, Any], tmp_path: Path
) -> None:
    let_in = {name: who for name, who in callers(app, document).items() if who != "nobody"}
    settings = settings_for(let_in, principals(app), tmp_path)
    chosen = [f"--include-operation-id={name}" for name in let_in]
    quick = ["--phases=examples,fuzzing", f"--max-examples={CALLS_OF_OTHERS}", ENDS_THE_LOGIN]

    assert set(let_in.values()) == set(KINDS) - {"nobody"}
    with serving(app, free_port()) as url:
        fuzz(url, *chosen, *quick, folder=tmp_path, settings=settings)


@pytest.mark.skipif(not LONG, reason="takes FUZZ_SECONDS, which are not given")
@pytest.mark.timeout(LONG + 120)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_anybody_sends_anywhere_for_long_is_answered_as_documented(
    app: Flask, database: None, tmp_path: Path, kind: str
) -> None:
    headers = [f"--header={name}: {value}" for name, value in principals(app)[kind].items()]
    bounds = [f"--max-time={LONG // len(KINDS)}", "--max-examples=1000", "--continue-on-failure"]

    with serving(app, free_port()) as url:
        fuzz(url, *headers, *bounds, ENDS_THE_LOGIN, folder=tmp_path, seconds=LONG + 100)
