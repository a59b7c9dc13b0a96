"""What a mutant is, in the words that the lanes are told it in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change of the source, made by a rule or by hand.

    Either `number` says which change of those that the rules make in `file`; or `old` stands once in it and
    becomes `new`, `sql` changes the schema, or both. `lines` are those of the statement that is changed;
    `tests` are those that must notice, if they were named.
    """

    key: str
    file: str = ""
    number: int = -1
    lines: tuple[int, int] = (0, 0)
    inside: str = ""
    old: str = ""
    new: str = ""
    sql: str = ""
    tests: tuple[str, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether it changes data of a module, and no function."""
        return self.number >= 0 and not self.inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one: `killed` by a test, for `why`; `survived` so many; `timeout`."""

    key: str
    outcome: str
    by: str = ""
    why: str = ""
    tests: int = 0
    seconds: float = 0.0
    source: str = ""
    judges: str = ""
