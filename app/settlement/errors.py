"""What keeps a settlement from being finished now."""

from app.platform.errors import Expected


class NotYet(Expected):
    """The provider's side, or ours, is not as far as it must be; the same work is tried again later."""
