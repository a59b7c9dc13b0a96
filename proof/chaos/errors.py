class ChaosFailed(Exception):
    """The run itself went wrong, so that it proves nothing; the text is one line that says what."""
