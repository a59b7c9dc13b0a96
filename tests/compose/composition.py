"""docker-compose.yml as Compose reads it, as far as it uses Compose's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from sandbox.code import CODE

FILE = CODE / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?:(?P<rule>:[-?])(?P<text>[^}]*))?\}")


class Missing(Exception):
    """A variable without a default is blank; the text is what Compose says."""


@dataclass(frozen=True, slots=True)
class Composition:
    """The file with its variables filled in; of() raises Missing when one is blank that must not be."""

    content: dict[str, Any]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Composition":
        content: dict[str, Any] = _filled(yaml.safe_load(FILE.read_text()), environment)
        return cls(content)

    def services(self, *profiles: str) -> dict[str, dict[str, Any]]:
        """What starts with these profiles, by name; what has no profile always does."""
        return {
            name: service
            for name, service in self.content["services"].items()
            if not service.get("profiles") or set(service["profiles"]) & set(profiles)
        }


def read_env(text: str) -> dict[str, str]:
    """What a `.env` file says."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _filled(part: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, environment) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, environment) for value in part]
    if isinstance(part, str):
        return _VARIABLE.sub(lambda found: _value(found, environment), part)
    return part


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    value = environment.get(found["name"], "")
    if not value and found["rule"] == ":?":
        raise Missing(f"{found['name']}: {found['text']}")
    return value or (found["text"] if found["rule"] == ":-" else "")
