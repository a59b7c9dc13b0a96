from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/system/", "tests/streams/", "tests/compose/test_running.py", "tests/catalog/test_plans.py")
STACKS = ("tests/proof/", "tests/bench/")
"""Each starts shops of its own, which want the machine for themselves."""


UNCOUNTED = (
    "tests/access/test_matrix.py",
    "tests/architecture/",
    "tests/bench/",
    "tests/compose/",
    "tests/openapi/",
    "tests/ops/test_doctor.py",
    "tests/ops/test_doctor_ways.py",
    "tests/proof/",
    "tests/sandbox/",
    "tests/settlement/test_any_order.py",
    "tests/settlement/test_every_order.py",
    "tests/settlement/test_permutations.py",
    "tests/settlement/test_state_machine.py",
    "tests/settlement/test_states.py",
    "tests/system/",
)
"""They run other processes, or the same lines over and over: counting those again is much of their time."""


class OneProcessForTheShop(LoadScopeScheduling):
    """Any process takes any test, but one takes all tests of what runs beside them: it is started once.

    And one takes what starts shops of its own, one after the other.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(STACKS):
            return "stacks"
        return next((shop for shop in TOGETHER if nodeid.startswith(shop)), nodeid)
