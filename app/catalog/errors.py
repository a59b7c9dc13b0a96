"""What can stand against a question to the catalog, or a change of it."""

from app.platform.errors import Conflict, Invalid


class SlugTaken(Conflict):
    """Another product, or another category, has this slug."""

    code = "slug-taken"
    title = "Slug taken"


class SkuTaken(Conflict):
    """Another variant has this SKU; archived variants keep theirs."""

    code = "sku-taken"
    title = "SKU taken"


class ImagesFull(Conflict):
    """A product has as many images as it may have."""

    code = "images-full"
    title = "Images full"


class VariantsFull(Conflict):
    """A product has as many variants as it may have."""

    code = "variants-full"
    title = "Variants full"


class CategoryCycle(Conflict):
    """A category cannot be below itself."""

    code = "category-cycle"
    title = "Category cycle"


class CategoryInUse(Conflict):
    """A category with products or sub-categories stays."""

    code = "category-in-use"
    title = "Category in use"


class ReviewExists(Conflict):
    """The user has reviewed the product before; `review_id` is that review's."""

    code = "review-exists"
    title = "Review exists"


class OwnProduct(Conflict):
    """Nobody reviews what they sell themselves."""

    code = "own-product"
    title = "Own product"


class CurrencyNotSold(Invalid):
    """The shop does not sell in this currency; `errors` lists those that it sells in."""

    code = "currency-not-sold"
    title = "Currency not sold"
