"""Who sends and fetches files of rows: admins, and third parties by API keys that are not of one seller."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from app.identity.auth import ApiClient, principal
from app.platform.errors import NotPermitted

View = Callable[..., Any]


def for_the_whole_shop(view: View) -> View:
    """Let no key in that is for one seller's things: files are of all. Stands right under `@requires`."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        known = principal()
        if isinstance(known, ApiClient) and known.seller_id is not None:
            raise NotPermitted("This key is for one seller; files of rows are of the whole shop.")
        return view(*args, **kwargs)

    return guarded


def sender() -> tuple[str, UUID | None]:
    """Who is in the books, and whose new products are unless their rows say so: nobody's, of a key."""
    known = principal()
    if isinstance(known, ApiClient):
        return f"api_client:{known.client_id}", None
    return f"user:{known.user_id}", known.user_id
