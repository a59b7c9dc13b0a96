"""Where files are kept and how much of them is taken, as the settings say."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.platform.environment import Environment, SettingError

DEFAULT_FOLDER = Path("var/media")
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A private bucket of a storage that speaks S3; without keys, the machine's own role opens it.

    `endpoint` None is Amazon's. Our keys begin with `prefix`, if there is one.
    """

    name: str
    prefix: str | None
    endpoint: str | None
    region: str
    access_key: str | None
    secret_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRules:
    """`place` is a folder of this machine, or a bucket. Sizes are in bytes.

    `public_url` is where everybody finds the sizes of pictures: the API, or a CDN in front of it or of the
    bucket's `sizes/`.
    """

    place: Path | Bucket
    public_url: str
    largest_upload: int
    most_pixels: int
    link_lifetime: timedelta
    timeout: timedelta


def media_rules(env: Environment, public_url: str) -> MediaRules:
    """What the environment says; `public_url` is the API's own address. Raises SettingError."""
    return MediaRules(
        place=_place(env),
        public_url=env.public_url("MEDIA_PUBLIC_URL", f"{public_url}/media"),
        largest_upload=env.integer("MEDIA_LARGEST_UPLOAD", 10 * MEGABYTE, least=1000, most=100 * MEGABYTE),
        most_pixels=env.integer("MEDIA_MOST_PIXELS", 40_000_000, least=1, most=80_000_000),
        link_lifetime=env.seconds("MEDIA_LINK_LIFETIME", 300),
        timeout=env.seconds("MEDIA_TIMEOUT", 10),
    )


def _place(env: Environment) -> Path | Bucket:
    # A default that is a folder of a container would lose what is put there: production has to say where.
    default = None if env.app_env == "production" else DEFAULT_FOLDER.absolute().as_uri()
    parts = urlsplit(env.text("MEDIA_URL", default))
    bucket = _bucket(env, parts.netloc, parts.path.strip("/"))
    if parts.scheme == "s3" and parts.netloc:
        return bucket
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Path(unquote(parts.path))
    raise SettingError(
        "MEDIA_URL must be a folder like file:///srv/media, or a bucket like s3://name/prefix."
    )


def _bucket(env: Environment, name: str, prefix: str) -> Bucket:
    endpoint, access_key, secret_key = (
        env.optional(f"MEDIA_S3_{each}") for each in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY")
    )
    if (access_key is None) != (secret_key is None):
        raise SettingError("MEDIA_S3_ACCESS_KEY and MEDIA_S3_SECRET_KEY belong together.")
    return Bucket(
        name=name,
        prefix=prefix or None,
        endpoint=env.public_url("MEDIA_S3_ENDPOINT", endpoint) if endpoint else None,
        region=env.text("MEDIA_S3_REGION", "us-east-1"),
        access_key=access_key,
        secret_key=secret_key,
    )
