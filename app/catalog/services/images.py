"""Pictures of products: which there are, in which order, and which one lists show.

With a `seller_id` only of this seller's products: another's is NotFound, as none is.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.errors import ImagesFull
from app.catalog.models import Listing, Product, ProductImage
from app.catalog.queries.scopes import LISTINGS
from app.catalog.services.showing import show_product_anew
from app.catalog.services.variants import lock_product
from app.media import queries as media
from app.media.services import uploads
from app.platform.errors import Invalid, NotFound

if TYPE_CHECKING:  # for the hint; the models stay private to their packages
    from app.media.models import Upload

OF_PRODUCT = "product"
MOST_IMAGES = 20


def expect_image(
    session: Session, product_id: UUID, content: bytes, *, seller_id: UUID | None = None
) -> "Upload":
    """The upload of a picture of a product, before it is stored; the same one for the same file again.

    Raises NotFound, ImagesFull and UnsupportedPicture. Locks the product.
    """
    lock_product(session, product_id, seller_id)
    upload = uploads.expect(session, subject_kind=OF_PRODUCT, subject_id=product_id, content=content)
    _refuse_too_many(session, product_id, upload.id)
    return upload


def attach_image(
    session: Session,
    product_id: UUID,
    upload_id: UUID,
    *,
    alt: str | None,
    primary: bool,
    position: int | None,
    seller_id: UUID | None = None,
) -> None:
    """Let a stored upload be one of the product's images: the last unless a position is given.

    The first one of a product is its primary, asked for or not. One that is attached stays as it is. Raises
    NotFound, also when it was removed meanwhile, and ImagesFull, when others came meanwhile. Locks the
    product.
    """
    product = lock_product(session, product_id, seller_id)
    uploads.record_stored(session, upload_id)
    _refuse_too_many(session, product_id, upload_id)
    if position is None:
        last = select(func.max(ProductImage.position)).where(ProductImage.product_id == product_id)
        highest = session.scalars(last).one()
        position = 0 if highest is None else highest + 1
    row = insert(ProductImage).values(id=upload_id, product_id=product_id, alt=alt, position=position)
    attached = session.scalars(row.on_conflict_do_nothing().returning(ProductImage.id)).one_or_none()
    if attached and primary:
        _make_primary(session, product_id, upload_id)
    show_images(session, product)


def _refuse_too_many(session: Session, product_id: UUID, upload_id: UUID) -> None:
    others = select(func.count()).where(ProductImage.product_id == product_id, ProductImage.id != upload_id)
    if session.scalars(others).one() >= MOST_IMAGES:
        raise ImagesFull(f"A product has {MOST_IMAGES} images at most. Remove one first.")


def change_image(
    session: Session,
    product_id: UUID,
    image_id: UUID,
    changes: Mapping[str, Any],
    *,
    seller_id: UUID | None = None,
) -> None:
    """Set alt, position, or that it is the primary one. Raises NotFound, and Invalid to have none."""
    product = lock_product(session, product_id, seller_id)
    image = _image(session, product_id, image_id)
    if image.is_primary and changes.get("primary") is False:
        raise Invalid("Make another image the primary one.", errors={"primary": ["One of them must be."]})
    values = {name: changes[name] for name in ("alt", "position") if name in changes}
    if values:
        session.execute(update(ProductImage).where(ProductImage.id == image_id).values(values))
    if changes.get("primary"):
        _make_primary(session, product_id, image_id)
    show_images(session, product)


def remove_image(
    session: Session, product_id: UUID, image_id: UUID, *, seller_id: UUID | None = None
) -> None:
    """Show it no more, and have its files erased. Raises NotFound. Locks the product."""
    product = lock_product(session, product_id, seller_id)
    _image(session, product_id, image_id)
    session.execute(delete(ProductImage).where(ProductImage.id == image_id))
    uploads.remove(session, [image_id])
    show_images(session, product)


def show_images(session: Session, product: Product) -> None:
    """Let a locked product have a primary image, if it has any; lists show it, or the first that is ready."""
    ordered = (
        select(ProductImage.id, ProductImage.is_primary)
        .where(ProductImage.product_id == product.id)
        .order_by(ProductImage.is_primary.desc(), ProductImage.position, ProductImage.id)
    )
    images = session.execute(ordered).all()
    if images and not images[0].is_primary:
        _make_primary(session, product.id, images[0].id)
    keys = media.keys_in_lists(session, [image.id for image in images])
    product.image_key = next((keys[image.id] for image in images if image.id in keys), None)
    product.updated_at = func.now()
    session.flush()
    show_product_anew(session, product.id, LISTINGS)
    # As `listings.refresh` would do at last; nothing else of the listing follows from images.
    listed = update(Listing).where(Listing.product_id == product.id)
    session.execute(listed.values(image_key=product.image_key))


def show_images_of(session: Session, product_id: UUID) -> None:
    """The same for a product that is not locked yet; no product is ever deleted."""
    show_images(session, lock_product(session, product_id))


def _make_primary(session: Session, product_id: UUID, image_id: UUID) -> None:
    theirs = update(ProductImage).where(ProductImage.product_id == product_id)
    # Two statements: there must never be two of them, not even while one statement runs.
    session.execute(theirs.where(ProductImage.is_primary).values(is_primary=False))
    session.execute(theirs.where(ProductImage.id == image_id).values(is_primary=True))


def _image(session: Session, product_id: UUID, image_id: UUID) -> ProductImage:
    theirs = select(ProductImage).where(ProductImage.id == image_id, ProductImage.product_id == product_id)
    image = session.scalars(theirs, execution_options={"populate_existing": True}).one_or_none()
    if image is None:
        raise NotFound("The product has no such image.")
    return image
