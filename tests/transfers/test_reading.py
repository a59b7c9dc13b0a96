"""Rows are read in pieces, and are the same wherever a piece ends."""

from collections.abc import Sequence

import pytest

from app.catalog.services.importing import RawRow
from app.transfers.services import reading
from app.transfers.services.reading import Place, take

COLUMNS = ["sku", "name", "price", "variant_name"]
SHEET = (
    'A,Chair,1,\r\n\r\n"B","two\r\nlines, and a ""word""",2,x\r\n'
    'C,5" pipe,3,x\nD,too few\nE,"never ends, 4,x\nF,\'=1,5,x\n\nG,last,6,größe'
)
OBJECTS = '{"sku": "A"}\n\n[1]\nnot json\r\n{"sku": "B", "name": "größe"}'


def read(content: str, place: Place, *, piece: int) -> list[RawRow]:
    """All rows of a file that is read in pieces of this size."""
    data, at, found = content.encode(), 0, list[RawRow]()
    while at < len(data):
        here = Place(place.format, place.delimiter, place.columns, len(found), place.lines)
        batch = take(data[at : at + piece], here, at_end=at + piece >= len(data))
        assert not batch.stuck
        assert batch.size
        place = Place(place.format, place.delimiter, place.columns, 0, place.lines + batch.lines)
        found += batch.rows
        at += batch.size
    return found


def csv_place(columns: Sequence[str] = COLUMNS, delimiter: str = ",") -> Place:
    return Place("csv", delimiter, columns, rows=0, lines=1)


def told(rows: Sequence[RawRow]) -> list[tuple[int, int, str | None]]:
    return [(row.row, row.line, row.values.get("sku") or row.problem) for row in rows]


def test_a_table_is_read_row_by_row_and_what_is_wrong_costs_no_other_row() -> None:
    rows = read(SHEET, csv_place(), piece=10_000)

    assert told(rows)[:5] == [
        (1, 2, "A"),
        (2, 4, "B"),
        (3, 6, "C"),
        (4, 7, "The row has 2 cells, and the header 4."),
        (5, 8, "The row cannot be read: unexpected end of data."),
    ]
    assert told(rows)[5:] == [(6, 9, "F"), (7, 11, "G")]
    assert rows[0].values == {"sku": "A", "name": "Chair", "price": "1", "variant_name": None}
    assert rows[1].values["name"] == 'two\r\nlines, and a "word"'
    assert rows[5].values["name"] == "=1"
    assert rows[6].values["variant_name"] == "größe"


@pytest.mark.parametrize("piece", [60, 61, 64, 100, 150])
@pytest.mark.parametrize("step", [1, 3, 500])
def test_where_a_piece_ends_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch, piece: int, step: int
) -> None:
    monkeypatch.setattr(reading, "STEP", step)
    whole = SHEET.replace('E,"never ends, 4,x\n', "")

    assert read(whole, csv_place(), piece=piece) == read(whole, csv_place(), piece=10_000)
    lines = Place("jsonl", None, [], rows=0, lines=0)
    assert read(OBJECTS, lines, piece=piece) == read(OBJECTS, lines, piece=10_000)


def test_json_lines_are_objects() -> None:
    rows = read(OBJECTS, Place("jsonl", None, [], rows=0, lines=0), piece=1000)

    assert told(rows) == [
        (1, 1, "A"),
        (2, 3, "The line must be a JSON object."),
        (3, 4, "The line is no JSON."),
        (4, 5, "B"),
    ]


@pytest.mark.parametrize("at_end", [False, True])
def test_a_line_that_is_longer_than_a_piece_is_nothing_to_go_on_with(at_end: bool) -> None:  # noqa: FBT001  # a case
    batch = take(b"x" * 100, csv_place(["sku"]), at_end=at_end)

    assert (batch.stuck, len(batch.rows)) == (not at_end, int(at_end))


def test_a_field_that_never_ends_costs_its_row_alone() -> None:
    rest = "".join(f"B-{number},{'x' * 200},1,\n" for number in range(1000))

    rows = read(f'A,"no end,1,\n{rest}', csv_place(), piece=150_000)

    assert told(rows)[0] == (1, 2, "The row cannot be read: field larger than field limit (131072).")
    assert [row.values["sku"] for row in rows[1:]] == [f"B-{number}" for number in range(1000)]
