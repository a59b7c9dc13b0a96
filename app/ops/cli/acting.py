"""In whose name a command acts: what it changes is told as theirs."""

import getpass

from app.platform import context
from app.platform.ids import new_id


def begin(call: str) -> None:
    """From now on whoever runs this process does it, by this command."""
    operator = f"operator:{_operator()}"
    context.begin(actor=operator, operator=operator, request_id=str(new_id()), call=call)


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
