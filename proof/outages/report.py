"""The one table that is printed in the end."""

from collections.abc import Mapping, Sequence

from proof.outages.scenario import Figure


def printed(measured: Mapping[str, Sequence[Figure]]) -> bool:
    """Print what was measured of each outage; whether every promise was kept."""
    rows = [("outage", "figure", "measured", "promised", "")]
    for name, figures in measured.items():
        rows += [(name, each.what, each.measured, each.promised, _verdict(each)) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return all(each.kept for figures in measured.values() for each in figures)


def _verdict(figure: Figure) -> str:
    return "ok" if figure.kept else "BROKEN"
