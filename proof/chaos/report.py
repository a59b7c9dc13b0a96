"""One page for people, beside the document for machines."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Document = dict[str, Any]
_WIDTH = 44


def write(found: Document, folder: Path) -> str:
    """Write report.json and report.txt into the folder; the answer is the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(found, indent=2))
    text = "\n".join(page(found))
    (folder / "report.txt").write_text(text + "\n")
    return text


def page(found: Document) -> Iterator[str]:
    """The lines of the page."""
    yield f"\nChaos, seed {found['seed']}, {found['clients']} clients, {len(found['faults'])} kinds of faults"
    yield from _section("Orders by end state", found["orders"]["by end"])
    yield from _section("Paid by currency and country", found["orders"]["paid by currency and country"])
    yield from _section("Paid orders per second", found["orders"]["paid per second"])
    yield from _section("Seconds", found["seconds"])
    yield from _section("Kills by part", found["kills"])
    yield from _section("Faults by kind", {**found["injected"], **found["befallen"], **found["lines"]})
    yield from _section("Faults that found nothing to befall", found["missed"])
    yield from _section(
        "Requests", {name: value for name, value in found["requests"].items() if name != "answers"}
    )
    yield from _section("Answers by status, 0 for none", found["requests"]["answers"])
    yield from _section("Refunds, cancellations and returns by answer", found["returns"])
    yield from _section("Webhooks", found["webhooks"])
    yield from _section("Mails", found["mails"])
    rest = {name: found[name] for name in ("peak depth", "holds ended by hand")}
    yield from _section("Else", rest)
    yield "\nFloors"
    for name, floor in found["floors"].items():
        missed = "" if floor["met"] else "MISSED"
        yield f"  {name:{_WIDTH}} {_number(floor['measured']):>9}  {floor['asked']:8} {missed}"
    yield from _violations(found)


def _violations(found: Document) -> Iterator[str]:
    names = sum(len(rows) for rows in found["violations"].values())
    yield f"\nViolations: {names}, looked at {found['examinations']} times meanwhile"
    for sentence, rows in found["violations"].items():
        yield f"  {sentence}"
        yield from (f"    {row}" for row in rows[:10])
    yield f"\n{'Every promise was kept.' if found['kept'] else 'A PROMISE WAS BROKEN.'}"


def _section(title: str, figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n{title}"
    for name, value in figures.items():
        yield f"  {name:{_WIDTH}} {_number(value):>9}"


def _number(value: float | None) -> str:
    if value is None:
        return "never"
    return str(value) if isinstance(value, int) else f"{value:.2f}"
