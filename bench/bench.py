from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from bench.apart import Apart
from bench.buyers import Crowd
from bench.options import Options
from bench.shop import Shop
from bench.statements import Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that a measurement needs: the shop, who asks it, and who looks on.

    `until_the_end` keeps what a measurement starts until the last one is over.
    """

    options: Options
    shop: Shop
    connection: psycopg.Connection
    statements: Statements
    crowd: Crowd
    clients: Apart
    until_the_end: ExitStack
