"""Who there is, and what each of them is to be answered: statuses by principal, kind by kind."""

STRANGERS = ("nobody", "wrong_token", "logged_out", "suspended", "revoked_key", "expired_key")
"""Nobody known: without credentials, or with those that are good no more."""
GUESTS = ("guest", "other_guest")
CUSTOMERS = ("customer", "other_customer")
SELLERS = ("seller", "other_seller")
ADMINS = ("admin", "catalog", "orders", "refunds", "users", "operations")
"""An admin who holds all permissions, and five who hold the one that they are called by."""
KEYS = ("key_read", "key_hold", "other_key", "seller_key", "other_seller_key")
"""Two with one scope each, the others with both, one of them also with that to tell something. Those of
sellers are for these sellers' stock."""
USERS = (*CUSTOMERS, *SELLERS, *ADMINS)
EVERYBODY = (*STRANGERS, *GUESTS, *USERS, *KEYS)

Rule = dict[str, int]


def all_of(names: tuple[str, ...], status: int) -> dict[str, int]:
    """The same for several."""
    return dict.fromkeys(names, status)


def everybody(status: int = 200) -> Rule:
    """Open to all, whatever they bring."""
    return all_of(EVERYBODY, status)


def users(status: int = 200) -> Rule:
    """Whoever is logged in, about themselves."""
    return all_of(EVERYBODY, 401) | all_of(USERS, status)


def admins(permission: str, status: int = 200) -> Rule:
    """Admins who hold the permission."""
    return all_of(EVERYBODY, 401) | all_of(USERS, 403) | {"admin": status, permission: status}


def keepers(status: int = 200) -> Rule:
    """Admins of the catalog, and the seller whose stock it is."""
    return admins("catalog", status) | {"seller": status, "other_seller": 404}


def senders(status: int = 200) -> Rule:
    """Admins of orders, and the seller who sends the parcel."""
    return admins("orders", status) | {"seller": status, "other_seller": 404}


def listeners(status: int = 200) -> Rule:
    """Admins of operations, and the seller who listens; no key here has the scope."""
    of_seller = {"seller": status, "other_seller": 404}
    return admins("operations", status) | of_seller | all_of(KEYS, 403)


def sellers(status: int = 200, *, others: int | None = None) -> Rule:
    """Sellers, and nobody else; the one whose thing it is not may be answered otherwise."""
    either = all_of(SELLERS, status)
    return all_of(EVERYBODY, 401) | all_of(USERS, 403) | either | {"other_seller": others or status}


def own(status: int = 200) -> Rule:
    """The customer whose thing it is: to other users there is no such thing."""
    return users(404) | {"customer": status}


def buyers(owner: str, status: int = 200) -> Rule:
    """The customer or the guest whose thing it is."""
    return own(404) | all_of(GUESTS, 404) | {owner: status}


def orders(owner: str, status: int = 200) -> Rule:
    """The same, and admins who may see orders."""
    return buyers(owner, status) | {"admin": status, "orders": status}


def shoppers(status: int = 200) -> Rule:
    """Users, and guests with a token, about what is theirs."""
    return users(status) | all_of(GUESTS, status)


def newcomers(status: int = 200) -> Rule:
    """Everybody but those whose access token is no good; an API key counts for nothing there."""
    return everybody(status) | all_of(("wrong_token", "logged_out", "suspended"), 401)


def keys(scope: str, status: int = 200) -> Rule:
    """API keys, of which one lacks the scope; for a part of a rule."""
    without = "key_hold" if scope == "stock:read" else "key_read"
    return all_of(KEYS, status) | {without: 403}


def clients(status: int = 200) -> Rule:
    """API keys that hold stock, and nobody else."""
    return all_of(EVERYBODY, 401) | keys("stock:hold", status)
