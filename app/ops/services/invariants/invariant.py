"""One thing that must be true of the books, and how those rows are found of which it is not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence about the books with a stable id, and the query that finds what breaks it.

    `broken` selects one column: what names the broken thing. It may use `:at_rest` (true when no work is
    under way, and so none may be left to do), `:patience` (how long due work may wait in a live shop),
    `:longest` (how long a hold may last), `:states` (which topic tells which state of an order), `:moves`
    (the legal ones), `:steps` (what amounts of a currency are multiples of), `:subscriptions` and `:heard`
    (which topic third parties hear by which type). Those that are not `always` so are stricter at rest.

    Every query costs a scan or two of its tables with hash joins: linear in their rows.
    """

    id: str
    sentence: str
    broken: str
    always: bool = True
