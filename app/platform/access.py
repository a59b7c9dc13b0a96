"""Who may make a call: what its guard goes by, and what the OpenAPI document tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of one call, in the one place where it is declared. Guards leave it on the view as `access`.

    `let_in` are kinds of callers, none of them for everybody: "users", "keys" (third parties by an API key),
    "guests" with a cart token, "newcomers" without one, "links" of mails. Of the users only those with one of
    the `roles`, all if there are none; of the admins only those who hold the `permission`. Of the keys only
    those with the `scope`.
    """

    let_in: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    permission: str | None = None
    scope: str | None = None

    def __str__(self) -> str:
        """A sentence for the reader of the document."""
        kinds = [self._users() if kind == "users" else self._others(kind) for kind in self.let_in]
        return f"For {', '.join(kinds)}." if kinds else "Open to everybody."

    def _users(self) -> str:
        if not self.roles:
            return "users"
        permission = f", admins with the permission {self.permission}" if self.permission else ""
        return f"the role {' or '.join(self.roles)}{permission}"

    def _others(self, kind: str) -> str:
        return f"API keys of the scope {self.scope}" if kind == "keys" else kind
