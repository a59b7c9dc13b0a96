"""Clients as a client developer makes them: from the document alone, each in a folder of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TOOLS = Path(sys.executable).parent
PACKAGE = "backroom_client"


def run(*words: str | Path, folder: Path, within: float = 110) -> str:
    """What a command of ours prints; fails with all of it when the command does."""
    argv = [str(TOOLS / words[0]), *map(str, words[1:])]
    env = os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603  # from .venv, with words of ours
        argv, cwd=folder, env=env, capture_output=True, text=True, timeout=within, check=False
    )
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def python_client(folder: Path, document: Path) -> None:
    """A package beside the purchase that uses it, both with types that fit."""
    generate = ["generate", "--meta=none", "--fail-on-warning", f"--config={HERE / 'python.yaml'}"]
    places = [f"--path={document}", f"--output-path={folder / PACKAGE}"]
    run("openapi-python-client", *generate, *places, folder=folder)
    shutil.copy(HERE / "purchase.py", folder)
    run("mypy", "--config-file=", "--cache-dir=mypy", PACKAGE, "purchase.py", folder=folder)


def typescript_client(folder: Path, document: Path) -> None:
    """Types of every call, and the purchase that uses them compiled to built/purchase.js."""
    for name in ("package.json", "tsconfig.json", "purchase.ts"):
        shutil.copy(HERE / name, folder)
    (folder / "node_modules").symlink_to(node_modules())
    generator = ["node_modules/openapi-typescript/bin/cli.js", "--default-non-nullable=false"]
    run("node", *generator, document, "--output=backroom.d.ts", folder=folder)
    run("node", "node_modules/typescript/bin/tsc", folder=folder)


def node_modules() -> Path:
    """What package-lock.json names, installed once for each state of it, from the registry that npm knows."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = ROOT / "var/npm" / hashlib.sha256(lock).hexdigest()[:16]
    if not kept.exists():
        fresh = kept.with_name(f"new-{uuid4()}")
        fresh.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, fresh)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=fresh)
        fresh.rename(kept)  # whole or not at all, also when somebody else does the same
    return kept / "node_modules"
