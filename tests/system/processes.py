"""Every process that a shop started, also those that nobody knows any more."""

import contextlib
from pathlib import Path

import psutil

_NAME = "BACKROOM_TEST_FOLDER"


def mark(folder: Path) -> dict[str, str]:
    """An environment by which all processes of the shop in this folder are known: children inherit it."""
    return {_NAME: str(folder)}


def living(folder: Path) -> list[psutil.Process]:
    """The processes of the shop in this folder."""
    return [process for process in psutil.process_iter() if _belongs(process, folder)]


def _belongs(process: psutil.Process, folder: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.environ().get(_NAME) == str(folder) and process.status() != psutil.STATUS_ZOMBIE
    return False
