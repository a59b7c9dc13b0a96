import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from sandbox.ports import free_port
from tests.live import serving

SEED = "1"
CALLS_FOR_EACH = "15"
SETTINGS = Path(__file__).parents[2] / "schemathesis.toml"
NOBODY: dict[str, Any] = {}


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Schemathesis with its default checks."""
    program, settings = Path(sys.executable).with_name("schemathesis"), f"--config-file={SETTINGS}"
    return subprocess.run(  # noqa: S603  # from .venv, with words of ours
        [program, settings, "--no-color", *words],
        cwd=folder,
        env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


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
    bounds = [f"--seed={SEED}", f"--max-examples={CALLS_FOR_EACH}", "--generation-deterministic"]

    with serving(app, free_port()) as url:
        done = run("run", f"{url}/openapi.json", *chosen, *bounds, folder=tmp_path)

    assert {"list_products", "register"} <= set(public)
    assert done.returncode == 0, done.stdout + done.stderr
