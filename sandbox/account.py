import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    uid: int
    gid: int

    def may(self, right: str, path: Path) -> bool:
        """Whether the account has the right (r, w or x) on the path; the kernel is asked as that account."""
        return self.runs("/bin/sh", "-c", f'test -{right} "$0"', str(path))

    def runs(self, *argv: str) -> bool:
        """Whether a program ends well when it runs as this account."""
        try:
            done = subprocess.run(
                argv,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0


def unprivileged() -> Account | None:
    """The account `nobody` when we are root, because PostgreSQL refuses to run as root; None otherwise."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def shelter_path(path: Path) -> Path:
    """Where files go that belong at `path`, for an account that cannot reach it."""
    name = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"backroom-{name}"  # noqa: S108 - shelter() checks whose it is


def shelter(path: Path) -> Path:
    """Make the shelter of `path` and return it; raises CannotStart when somebody else made it before us."""
    folder = shelter_path(path)
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise CannotStart(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o755)
    return folder
