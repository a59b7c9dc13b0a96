"""Schemathesis with all its checks, as somebody in particular."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from app.platform.access import Access
from app.platform.openapi.document import path_of
from tests.buyers import make_buyer
from tests.keys import key_headers

SEED = "1"
SETTINGS = Path(__file__).parents[2] / "schemathesis.toml"
ENDS_THE_LOGIN = "--exclude-operation-id-regex=^log_out|^delete_account$"
"""Whoever may call these is nobody afterwards, and the rest of a run would find closed doors."""


def principals(app: Flask) -> dict[str, dict[str, str]]:
    """What each kind of caller sends along, newly made in the database."""
    client = app.test_client()
    users = {role: make_buyer(client, role).headers for role in ("customer", "seller", "admin")}
    return {"nobody": {}, **users, "key": key_headers("stock:read", "stock:hold")}


def callers(app: Flask, document: dict[str, Any]) -> dict[str, str]:
    """For each operation one who is let in, with the least rights if there are several."""
    found = {}
    for rule in app.url_map.iter_rules():
        access = vars(app.view_functions[rule.endpoint])["access"]
        for method, operation in document["paths"].get(path_of(rule.rule), {}).items():
            if method.upper() in (rule.methods or set()):
                found[operation["operationId"]] = _least(access)
    return found


def _least(access: Access) -> str:
    if not access.let_in:
        return "nobody"
    if "keys" in access.let_in:
        return "key"
    return next((role for role in ("seller", "admin") if role in access.roles), "customer")


def settings_for(callers: Mapping[str, str], headers: Mapping[str, dict[str, str]], folder: Path) -> Path:
    """Our settings of Schemathesis, and for each operation the headers of its caller."""
    blocks = [SETTINGS.read_text()]
    for name, caller in callers.items():
        pairs = ", ".join(f'"{header}" = "{value}"' for header, value in headers[caller].items())
        blocks.append(f'[[operations]]\ninclude-operation-id = "{name}"\nheaders = {{ {pairs} }}\n')
    written = folder / "schemathesis.toml"
    written.write_text("\n".join(blocks))
    return written


def fuzz(url: str, *words: str, folder: Path, settings: Path = SETTINGS, seconds: float = 280) -> None:
    """Call what the document at this address describes; fails with what was found, or after `seconds`."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [f"--config-file={settings}", "--no-color", "run", f"{url}/openapi.json", "--checks=all"]
    done = subprocess.run(  # noqa: S603  # from .venv, with words of ours
        [program, *command, f"--seed={SEED}", "--generation-deterministic", *words],
        cwd=folder,
        env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
