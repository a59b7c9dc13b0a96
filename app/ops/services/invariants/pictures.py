"""What is true of pictures."""

from app.ops.services.invariants.invariant import Invariant

PICTURES = (
    Invariant(
        "I55",
        "Lists show a product's primary image, or the first that can be shown, or that is owed.",
        """
        SELECT product.id FROM products product LEFT JOIN listings listing ON listing.product_id = product.id
        LEFT JOIN (
          SELECT DISTINCT ON (image.product_id) image.product_id, size ->> 'key' AS key
          FROM product_images image JOIN media_uploads upload USING (id)
          CROSS JOIN jsonb_array_elements(upload.sizes) AS size
          WHERE upload.removed_at IS NULL AND size ->> 'name' = 'small'
          ORDER BY image.product_id, image.is_primary DESC, image.position, image.id
        ) first ON first.product_id = product.id
        LEFT JOIN (
          SELECT DISTINCT image.product_id FROM deliveries work JOIN events told ON told.id = work.event_id
          JOIN product_images image ON image.id::text = told.subject
          WHERE work.consumer = 'catalog.show_picture' AND work.state <> 'done'
        ) owed ON owed.product_id = product.id
        WHERE owed.product_id IS NULL AND (product.image_key IS DISTINCT FROM first.key
          OR listing.product_id IS NOT NULL AND listing.image_key IS DISTINCT FROM first.key)""",
    ),
    Invariant(
        "I56",
        "A file that was uploaded is judged, and one that was removed is erased, or that is owed.",
        """
        SELECT upload.id FROM media_uploads upload LEFT JOIN (
          SELECT told.subject, work.consumer FROM deliveries work JOIN events told ON told.id = work.event_id
          WHERE work.consumer IN ('media.prepare', 'media.erase') AND work.state <> 'done'
        ) owed ON owed.subject = upload.id::text
          AND owed.consumer = CASE WHEN upload.removed_at IS NULL THEN 'media.prepare' ELSE 'media.erase' END
        WHERE owed.subject IS NULL AND (upload.removed_at IS NOT NULL OR upload.status = 'uploaded')""",
    ),
)
