from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.template import ROOT


def config(url: str) -> Config:
    found = Config(toml_file=ROOT / "pyproject.toml")
    found.attributes["url"] = url
    return found


def test_the_models_are_what_the_migrations_made(urls: dict[str, str]) -> None:
    command.check(config(urls["database"]))


def test_migrations_have_one_end() -> None:
    assert len(ScriptDirectory.from_config(config("")).get_heads()) == 1
