"""Generated mutants that no test can tell from the original, each with the reason. They are not counted."""

EQUIVALENT: dict[str, str] = {}
