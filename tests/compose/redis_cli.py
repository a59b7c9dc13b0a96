"""As much of redis-cli as the health checks use, for a machine without it: `-e --user NAME COMMAND`."""

import os
import sys

import redis

*_, user, command = sys.argv
with redis.Redis(
    port=int(os.environ["PORT_HERE"]), username=user, password=os.environ["REDISCLI_AUTH"]
) as server:
    print({"ping": server.ping}[command]())  # noqa: T201 - as the real one does
