"""What the mails about accounts would carry: their links' tokens, made as the mail makes them."""

from app.identity.services.links import Link
from app.platform.settings import settings
from tests.database import rows

NEWEST = """
  SELECT id, purpose, user_id, email, old_email FROM mail_links
  WHERE purpose = :purpose AND user_id IS NOT NULL ORDER BY id DESC LIMIT 1"""


def newest_token(purpose: str) -> str:
    """The token of the link of this purpose that was asked for last."""
    ((link_id, *rest),) = rows(NEWEST, purpose=purpose)
    return Link(link_id, *rest).token(settings().jwt_secret_key)
