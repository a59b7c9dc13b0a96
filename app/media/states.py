"""What becomes of an upload."""

EXPECTED, UPLOADED, READY, REFUSED = "expected", "uploaded", "ready", "refused"

MOVES: dict[str, frozenset[str]] = {
    EXPECTED: frozenset({UPLOADED}),
    UPLOADED: frozenset({READY, REFUSED}),
    READY: frozenset(),
    REFUSED: frozenset(),
}
"""Whatever its state, an upload can be removed; it moves no more then."""

BROKEN, ANIMATED, TOO_LARGE, HIDES_SOMETHING = REFUSALS = (
    "broken",
    "animated",
    "too_many_pixels",
    "hides_something",
)
"""Why the backroom refuses a file that looked like a picture at the counter."""
