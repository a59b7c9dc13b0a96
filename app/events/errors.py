"""What an operator is told about work."""

from app.platform.errors import Conflict


class IllegalWorkMove(Conflict):
    """The work is not in a state that allows it; `work_state` is the present one."""

    code = "illegal-work-move"
    title = "Illegal work move"
