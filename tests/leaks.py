"""Where a text is found again: in which tables of a database, in which keys of a Redis."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import redis

Query = Callable[[str], list[tuple[Any, ...]]]
_COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
)


def tables_with(query: Query, texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The tables whose rows contain each of the texts, by the texts' names; bytes are read as text."""
    columns = defaultdict(list)
    for table, column, kind in query(_COLUMNS):
        quoted = f'"{column}"'
        columns[table].append(f"encode({quoted}, 'escape')" if kind == "bytea" else f"{quoted}::text")
    found: dict[str, set[str]] = {name: set() for name in texts}
    for table, parts in columns.items():
        rows = query(f"SELECT concat_ws(' ', {', '.join(parts)}) FROM {table}")  # noqa: S608  # from the catalog
        content = "\n".join(row for (row,) in rows)
        for name, text in texts.items():
            if text in content:
                found[name].add(table)
    return found


def kept_in(url: str) -> str:
    """All keys of a Redis with their values, as one text."""
    with redis.Redis.from_url(
        url, socket_timeout=5, decode_responses=True, encoding_errors="replace"
    ) as server:
        keys: Any = server.keys()
        return "\n".join(f"{key} {_value(server, key)}" for key in keys)


def _value(server: redis.Redis, key: str) -> Any:
    read: dict[Any, Callable[[], Any]] = {
        "string": lambda: server.get(key),
        "list": lambda: server.lrange(key, 0, -1),
        "hash": lambda: server.hgetall(key),
        "set": lambda: server.smembers(key),
        "zset": lambda: server.zrange(key, 0, -1),
    }
    return read.get(server.type(key), lambda: "")()
