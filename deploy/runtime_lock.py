"""The part of the lock that an image needs: `python runtime_lock.py < requirements.lock > runtime.lock`.

The lock holds every group in one file. Of each entry it says who asked for it, and that is followed here from
the project's own dependencies, so that what is installed has the versions and hashes of the lock, and
`--require-hashes` refuses anything that was forgotten.
"""

import re
import sys

# The mail sink of the development profile; PostgreSQL and Valkey have images of their own.
ALSO = ("aiosmtpd",)


def runtime_part(lock: str) -> str:
    """The entries for the project's dependencies, for ALSO, and for all that these need."""
    entries = {_name(entry): entry for entry in re.split(r"\n(?=\S)", lock.strip())}
    asked_by = {name: set(re.findall(r"# +(?:via )?(\S.*)", entry)) for name, entry in entries.items()}
    needed = {"backroom (pyproject.toml)"}
    found = {name for name in entries if name in ALSO}
    while new := {name for name, asking in asked_by.items() if asking & (needed | found)} - found:
        found |= new
    return "".join(f"{entries[name]}\n" for name in entries if name in found)


def _name(entry: str) -> str:
    return entry.split("==")[0]


if __name__ == "__main__":
    sys.stdout.write(runtime_part(sys.stdin.read()))
