class CannotStart(Exception):
    """A part cannot be started. The text is one line for the person who started it."""
