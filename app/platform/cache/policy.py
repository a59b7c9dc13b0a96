"""How long finished answers are used, here and by whoever stands between us and the clients."""

from dataclasses import dataclass

from app.platform.environment import Environment

LONGEST_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """In seconds. `fresh` of 0 keeps no answers; `public` of 0 has everybody ask each time.

    For `stale` more, an answer that nothing has changed is still given while one request makes it anew.
    `public` and `public_stale` are what a CDN is told.
    """

    fresh: int
    stale: int
    public: int
    public_stale: int

    @property
    def control(self) -> str:
        """The header Cache-Control of an answer that is everybody's."""
        if not self.public:
            return "public, no-cache"
        return f"public, max-age={self.public}, stale-while-revalidate={self.public_stale}"


def cache_policy(environment: Environment) -> CachePolicy:
    """What the environment says about it. Raises SettingError."""
    return CachePolicy(
        fresh=environment.integer("CACHE_SECONDS", 30, most=LONGEST_SECONDS),
        stale=environment.integer("CACHE_STALE_SECONDS", 10, most=LONGEST_SECONDS),
        public=environment.integer("CDN_SECONDS", 5, most=LONGEST_SECONDS),
        public_stale=environment.integer("CDN_STALE_SECONDS", 10, most=LONGEST_SECONDS),
    )
