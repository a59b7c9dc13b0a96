"""Known holes in what the lock pins, without a network: `python deploy/advisories.py < requirements.lock`.

The advisories are those of the Python Packaging Advisory Database (CC BY 4.0) on the day that
`deploy/advisories.json` names; what was found since is not in it. To take a newer one, clone
https://github.com/pypa/advisory-database and run `python deploy/advisories.py FOLDER_OF_THE_CLONE`.
Exits with 1 when something pinned has a hole.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

KEPT = Path(__file__).with_suffix(".json")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
OLD_AFTER_DAYS = 30

Json = dict[str, Any]


def holes(lock: str, advisories: Json) -> list[str]:
    """A line for each advisory that names a pinned version."""
    return [
        f"{name} {version}: {advisory['id']}"
        for name, version in PIN.findall(lock)
        for advisory in advisories.get(canonicalize_name(name), ())
        if _names(advisory, Version(version))
    ]


def _names(advisory: Json, version: Version) -> bool:
    ranges = [(Version(first), end and Version(end)) for first, end in advisory["ranges"]]
    return str(version) in advisory["versions"] or any(
        first <= version and (end is None or version < end) for first, end in ranges
    )


def gathered(clone: Path) -> Json:
    """The advisories of a clone that are not withdrawn, by package, with the day and commit of the clone."""
    words = ["git", "-C", str(clone), "log", "-1", "--format=%cs %H"]
    day, commit = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603  # git, on a folder of the caller's
    found: Json = {}
    for path in sorted((clone / "vulns").rglob("*.yaml")):
        content = yaml.safe_load(path.read_text())
        for affected in () if "withdrawn" in content else content.get("affected", ()):
            found.setdefault(canonicalize_name(affected["package"]["name"]), []).append(
                _short(content["id"], affected)
            )
    return {"day": day, "commit": commit, "advisories": found}


def _short(name: str, affected: Json) -> Json:
    ranges = [
        pair for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM" for pair in _pairs(each)
    ]
    # Listed versions say the same as the ranges, at length.
    versions = [] if ranges else affected.get("versions", [])
    return {"id": name, "ranges": ranges, "versions": versions}


def _pairs(spans: Json) -> Iterator[tuple[str, str | None]]:
    first = None
    for event in spans["events"]:
        if "introduced" in event:
            if first is not None:
                yield first, None
            first = event["introduced"]
        elif "fixed" in event and first is not None:
            yield first, event["fixed"]
            first = None
    if first is not None:
        yield first, None


def _in_lines(kept: Json) -> str:
    """JSON with a line for each package, so that changes can be read."""
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in sorted(kept["advisories"].items())]
    head = f'{{"day": "{kept["day"]}", "commit": "{kept["commit"]}", "advisories": {{'
    return head + "\n" + ",\n".join(lines) + "\n}}\n"


def main(words: list[str]) -> int:
    """Take a newer database from a clone, or match the lock on standard input; answers the exit code."""
    if words:
        KEPT.write_text(_in_lines(gathered(Path(words[0]))))
    kept = json.loads(KEPT.read_text())
    age = (datetime.now(UTC).date() - date.fromisoformat(kept["day"])).days
    found = [] if words else holes(sys.stdin.read(), kept["advisories"])
    for line in found:
        print(line)
    print(f"{len(found)} known holes, as of {kept['day']} ({age} days ago).")
    if age > OLD_AFTER_DAYS:
        print("That is long ago: take a newer database, as deploy/advisories.py says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
