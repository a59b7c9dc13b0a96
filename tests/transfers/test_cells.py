"""Cells of a table, which no spreadsheet shall run."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfers.services.cells import harmless, inert, plain, table, table_to_look_at

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x")', "'=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_that_is_written_begins_like_a_formula(text: str) -> None:
    (cell,) = next(csv.reader(StringIO(table([[text]]), newline="")))

    assert cell == f"'{text}"
    assert plain(cell) == text


@pytest.mark.parametrize("text", ["", "oak", "'oak'", "'", "5 - 3", " =1", '{"a": 1}'])
def test_other_cells_are_as_they_are(text: str) -> None:
    assert (harmless(text), plain(text)) == (text, text)


@given(st.text(alphabet="'=+-@\t\r\na,;\"＝"))
def test_whatever_is_written_is_read_as_it_was(text: str) -> None:
    assert plain(harmless(text)) == text
    assert next(csv.reader(StringIO(table([[text, "end"]]), newline=""))) == [harmless(text), "end"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('Ada;=WEBSERVICE("http://x")', 'Ada;\'=WEBSERVICE("http://x")'),
        ("Ada; +1", "Ada;' +1"),
        ("Ada|-1", "Ada|'-1"),
        ("Ada\t@SUM(A1)", "Ada\t'@SUM(A1)"),
        ("Ada\n＝1", "Ada\n'＝1"),
        ('Ada;"=1"', 'Ada;\'"=1"'),
        ("=1;=2;=3", "'=1;'=2;'=3"),
    ],
)
def test_what_is_only_looked_at_runs_nothing_behind_another_separator(text: str, written: str) -> None:
    assert inert(text) == written
    assert next(csv.reader(StringIO(table_to_look_at([[text]]), newline=""))) == [written]


@pytest.mark.parametrize("text", ["", "oak; elm", "2 x A-1; 1 x B=2", "a;'=1", "5 - 3", "one|two", "a;;"])
def test_other_cells_that_are_only_looked_at_are_as_they_are(text: str) -> None:
    assert inert(text) == text


@given(st.lists(st.text(alphabet="'=+-@\t\r\na,;|\" ＝"), min_size=1), st.sampled_from(",;|\t"))
def test_no_separator_makes_a_formula_of_what_is_only_looked_at(cells: list[str], separator: str) -> None:
    file = StringIO(table_to_look_at([["1", *cells]]), newline="")

    found = [cell for row in csv.reader(file, delimiter=separator) for cell in row]

    assert [cell for cell in found if cell.startswith(("=", "+", "-", "@", "＝"))] == []
