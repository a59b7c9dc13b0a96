"""Cells of a table, which no spreadsheet shall run."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfers.services.cells import harmless, plain, table

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
