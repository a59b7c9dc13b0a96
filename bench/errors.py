class BenchFailed(Exception):
    """The measurement is worth nothing; the text is one line that says why."""
