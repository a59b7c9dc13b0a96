from xdist.scheduler import LoadScopeScheduling

TOGETHER = "tests/system/"


class OneProcessForTheShop(LoadScopeScheduling):
    """Any process takes any test, but one process takes all tests of the running shop: there is only one."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid
