from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/system/", "tests/streams/", "tests/compose/test_running.py", "tests/catalog/test_plans.py")
STACKS = ("tests/proof/", "tests/bench/")
"""Each starts shops of its own, which want the machine for themselves."""


class OneProcessForTheShop(LoadScopeScheduling):
    """Any process takes any test, but one takes all tests of what runs beside them: it is started once.

    And one takes what starts shops of its own, one after the other.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(STACKS):
            return "stacks"
        return next((shop for shop in TOGETHER if nodeid.startswith(shop)), nodeid)
