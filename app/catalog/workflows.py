"""Taking pictures: a file is stored between two transactions."""

from uuid import UUID

from app.catalog.queries import detail
from app.catalog.services import category_images, images
from app.media.gateway.protocol import Storage
from app.media.services import uploads
from app.media.workflows.receiving import store
from app.platform.db import Json, transaction


def add_image(
    product_id: UUID,
    *,
    file: bytes,
    alt: str | None,
    primary: bool,
    position: int | None,
    storage: Storage,
    seller_id: UUID | None = None,
) -> Json:
    """Give a product one more image, which is shown when a worker has made its sizes; answers the image.

    With a `seller_id` only to this seller's. The same file again is the same image, so that the call can be
    repeated; it stays as it is then. Raises NotFound, ImagesFull, UnsupportedPicture, and Unavailable when
    files cannot be stored now.
    """
    with transaction() as session:
        upload = images.expect_image(session, product_id, file, seller_id=seller_id)
    store(upload, file, storage=storage)
    with transaction() as session:
        images.attach_image(
            session,
            product_id,
            upload.id,
            alt=alt,
            primary=primary,
            position=position,
            seller_id=seller_id,
        )
        return detail.admin_image(session, product_id, upload.id)


def set_category_image(category_id: UUID, *, file: bytes, storage: Storage) -> UUID:
    """Have a category show this picture as soon as a worker has made its sizes; answers the upload's id.

    Repeating it with the same file is harmless. Raises as `add_image` does.
    """
    with transaction() as session:
        upload = category_images.expect_image(session, category_id, file)
    store(upload, file, storage=storage)
    with transaction() as session:
        uploads.record_stored(session, upload.id)
    return upload.id
