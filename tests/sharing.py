from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/system/", "tests/streams/", "tests/compose/test_running.py", "tests/catalog/test_plans.py")


class OneProcessForTheShop(LoadScopeScheduling):
    """Any process takes any test, but one takes all tests of what runs beside them: it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return next((shop for shop in TOGETHER if nodeid.startswith(shop)), nodeid)
