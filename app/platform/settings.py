"""The settings of this process, installed by whoever starts it; `app` never reads the environment."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only for the hint: at run time settings are handed in
    from config import Settings

_installed: list["Settings"] = []


def install(settings: "Settings") -> None:
    """Make these the settings of the process; a second call replaces them."""
    _installed[:] = [settings]


def settings() -> "Settings":
    """The installed settings. Only edges ask for them: routes, tasks and whoever starts a process."""
    return _installed[0]
