import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from deploy.new_env import EXAMPLE, SECRETS, new_env
from sandbox.code import CODE
from tests.compose.composition import FILE, Composition, Missing, read_env

SCHEMA = Path(__file__).with_name("specification") / "compose-spec.json"
EVERYTHING = ("development", "monitoring")
ONE_SHOT = {"migrate", "seed"}
DEVELOPMENT = read_env(new_env(EXAMPLE.read_text(), development=True))
# What the operator alone can know.
THEIRS = (
    "PUBLIC_URL",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "SMTP_HOST",
    "MAIL_FROM",
    "SELLER_NAME",
    "SELLER_ADDRESS",
)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return Composition.of(DEVELOPMENT).services(*EVERYTHING)


def test_the_file_is_a_compose_file_before_and_after_its_variables_are_filled_in() -> None:
    validator = jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_text()))

    for content in (yaml.safe_load(FILE.read_text()), Composition.of(DEVELOPMENT).content):
        assert [error.message for error in validator.iter_errors(content)] == []
    assert not validator.is_valid({"services": {"api": {"imagee": "backroom"}}})


def test_every_queue_has_workers_and_the_shop_is_one_image(services: dict[str, dict[str, Any]]) -> None:
    queues = {
        name: service["command"][service["command"].index("-Q") + 1]
        for name, service in services.items()
        if name.startswith("worker-")
    }
    ours = {name for name, service in services.items() if service["image"] == "backroom:local"}

    assert queues == {
        "worker-critical": "critical,default",
        "worker-email": "email,webhooks,bulk",
        "worker-relay": "relay",
    }
    assert ours == {"migrate", "api", "live", *queues, "beat", "flower", "stripe", "mail", "seed"}
    assert {"postgres", "cache", "broker", *ours} - {"stripe", "mail", "seed"} == set(
        Composition.of(DEVELOPMENT).services()
    )


def test_all_that_stays_up_is_watched_and_comes_again(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "healthcheck" not in service} == ONE_SHOT
    assert {name for name, service in services.items() if service["restart"] == "no"} == ONE_SHOT
    assert {service["restart"] for service in services.values()} == {"no", "unless-stopped"}


def test_whoever_needs_the_tables_waits_for_the_migrations(services: dict[str, dict[str, Any]]) -> None:
    for name in ("api", "live", "worker-critical", "worker-email", "worker-relay", "beat", "flower", "seed"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_only_api_and_live_process_are_reached_from_other_machines(
    services: dict[str, dict[str, Any]],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert (published.pop("api"), published.pop("live")) == (["8000:8000"], ["8010:8010"])
    assert set(published) == {"flower", "stripe", "mail", "prometheus", "grafana"}
    assert [ports for ports in published.values() if not ports[0].startswith("127.0.0.1:")] == []
    assert {
        name for name in ("postgres", "cache", "broker") if services[name]["networks"] != ["inside"]
    } == set()
    assert Composition.of(DEVELOPMENT).content["networks"]["inside"] == {"internal": True}


def test_no_secret_is_in_a_command_which_every_user_of_the_machine_can_read(
    services: dict[str, dict[str, Any]],
) -> None:
    words = {
        name: [*service.get("command", []), *service.get("healthcheck", {}).get("test", [])]
        for name, service in services.items()
    }
    told = {name for name in words for secret in SECRETS if DEVELOPMENT[secret] in " ".join(words[name])}

    assert told == set()


def test_what_must_outlive_a_container_is_in_a_named_volume(services: dict[str, dict[str, Any]]) -> None:
    kept = {name: service["volumes"][-1] for name, service in services.items() if "volumes" in service}
    named = set(Composition.of(DEVELOPMENT).content["volumes"])
    shared = {name: volume for name, volume in kept.items() if volume.startswith("media:")}
    kept = {name: volume for name, volume in kept.items() if name not in shared}

    assert set(shared) == {"api", "worker-critical", "worker-email", "worker-relay"}
    assert set(shared.values()) == {"media:/var/lib/backroom"}
    own = {"postgres", "broker", "beat", "stripe", "mail", "prometheus", "grafana"}
    assert (set(kept), named) == (own, {*own, "media"})
    assert {name for name, volume in kept.items() if volume.split(":")[0] != name} == set()
    assert kept["postgres"] == "postgres:/var/lib/postgresql"


def test_a_worker_may_finish_its_longest_task_before_it_is_killed(
    services: dict[str, dict[str, Any]],
) -> None:
    settings = (CODE / "celeryconfig.py").read_text()
    (limit,) = re.findall(r"^task_time_limit = (\d+)$", settings, re.MULTILINE)
    graces = [
        int(services[name]["stop_grace_period"].removesuffix("s")) for name in services if "worker" in name
    ]

    assert min(graces) > int(limit)


@pytest.mark.parametrize("name", [*SECRETS, *THEIRS])
def test_a_blank_secret_is_named_and_nothing_starts(name: str) -> None:
    with pytest.raises(Missing, match=rf"^{name}: \w.* \w"):
        Composition.of(DEVELOPMENT | {name: ""})


def test_the_example_has_no_secret_and_names_all_that_is_needed() -> None:
    example = read_env(EXAMPLE.read_text())
    production = read_env(new_env(EXAMPLE.read_text(), development=False))
    again = read_env(new_env(EXAMPLE.read_text(), development=False))

    assert {name for name in (*SECRETS, *THEIRS) if example[name]} == set()
    assert {name for name, value in production.items() if value != example[name]} == set(SECRETS)
    assert len({production[name] for name in SECRETS} | {again[name] for name in SECRETS}) == 2 * len(SECRETS)
    assert min(len(production[name]) for name in SECRETS) >= 32
