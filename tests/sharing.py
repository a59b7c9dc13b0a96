from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/system/", "tests/compose/test_running.py", "tests/catalog/test_plans.py")


class OneProcessForTheShop(LoadScopeScheduling):
    """Any process takes any test, but one process takes all tests of a running shop: it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shop for shop in TOGETHER if nodeid.startswith(shop)), nodeid)
