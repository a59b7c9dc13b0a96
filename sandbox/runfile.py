from pathlib import Path

from sandbox.addresses import Addresses

NAMES = (
    *("api", "live", "worker", "beat", "flower"),
    *("postgres", "redis", "broker", "stripe", "mail", "supervisor"),
)


def run_file(
    addresses: Addresses, *, stripe: dict[str, str], mail_dir: Path, pids: dict[str, list[int]]
) -> dict[str, object]:
    """What `var/run.json` tells other programs: where everything is, with full rights, and its processes."""
    return {
        "api": addresses.api,
        "live": addresses.live,
        "flower": addresses.flower,
        "stripe": {"base": addresses.stripe, **stripe},
        "database_url": addresses.database.replace("+psycopg", "", 1),
        "redis_url": addresses.redis,
        "broker_url": addresses.broker,
        "mail_dir": str(mail_dir),
        "pids": {name: pids.get(name, []) for name in NAMES},
    }
