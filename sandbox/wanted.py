from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.errors import CannotStart
from sandbox.ports import wanted_port


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who starts the shop asks for by environment variables; an empty one counts as unset."""

    environment: Mapping[str, str]
    _ports: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    def gives(self, name: str) -> bool:
        """Whether the person brings this part, so that the embedded one stays off."""
        return bool(self.environment.get(name))

    def free_port(self, variable: str, default: int) -> int:
        """The port asked for, free to listen on; raises CannotStart, naming the variable, when it is not.

        No port is given for two variables.
        """
        text = self.environment.get(variable) or str(default)
        if not text.isdecimal() or not 0 < int(text) < 65_536:
            raise CannotStart(f"{variable} must be a port number, not {text!r}")
        port = wanted_port(int(text), variable)
        if (other := self._ports.setdefault(port, variable)) != variable:
            raise CannotStart(f"{other} and {variable} are both {port}: set one of them to another")
        return port
