"""What the oracle answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold: how many things break it, and the names of up to five."""

    id: str
    sentence: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that is wrong, and the figures of the run: plain numbers, by name."""

    violations: tuple[Violation, ...]
    figures: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether every invariant holds."""
        return not self.violations

    def table(self) -> str:
        """Figures, then violations, for people."""
        lines = [f"{name:<40} {number:>9}" for name, number in self.figures.items()]
        lines += [f"{each.id} broken {each.count} times: {each.sentence}" for each in self.violations]
        lines += [f"  {each.id} {example}" for each in self.violations for example in each.examples]
        return "\n".join([*lines, f"violations {sum(each.count for each in self.violations):>39}"])
