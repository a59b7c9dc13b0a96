from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.errors import CannotStart
from sandbox.ports import wanted_port


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who starts the shop asks for by environment variables; an empty one counts as unset."""

    environment: Mapping[str, str]

    def gives(self, name: str) -> bool:
        """Whether the person brings this part, so that the embedded one stays off."""
        return bool(self.environment.get(name))

    def free_port(self, variable: str, default: int) -> int:
        """The port asked for, free to listen on. Raises CannotStart, naming the variable, when it is not."""
        text = self.environment.get(variable) or str(default)
        if not text.isdecimal() or not 0 < int(text) < 65_536:
            raise CannotStart(f"{variable} must be a port number, not {text!r}")
        return wanted_port(int(text), variable)
