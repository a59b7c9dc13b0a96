"""Those who keep pictures: an admin of any product, a seller of their own."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.factories import MadeProduct, make_product
from tests.work import drain


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody who may keep the catalog, or this product of it, and below which address."""

    person: Buyer
    product: MadeProduct
    role: str = "admin"

    @property
    def images(self) -> str:
        """Where the images of the product are."""
        return f"/v1/{self.role}/products/{self.product.id}/images"

    def send(self, file: Any, path: str | None = None, **fields: Any) -> TestResponse:
        """Upload a file, as one that says it is a JPEG."""
        form = {"file": (BytesIO(file), "../../etc/passwd.jpg", "image/jpeg")} | fields
        return self.person.client.post(path or self.images, data=form, headers=self.person.headers)

    def add(self, file: bytes, **fields: Any) -> str:
        """Add an image and have its sizes made; answers its id."""
        answer = self.send(file, **fields)
        assert answer.status_code == 201, answer.get_json()
        assert drain() == ["media.prepare", "catalog.show_picture"]
        return str(answer.get_json()["id"])

    def change(self, image_id: str, **changes: Any) -> TestResponse:
        """Change how an image is shown."""
        url = f"{self.images}/{image_id}"
        return self.person.client.patch(url, json=changes, headers=self.person.headers)

    def remove(self, image_id: str) -> TestResponse:
        """Show an image no more."""
        return self.person.client.delete(f"{self.images}/{image_id}", headers=self.person.headers)

    def kept(self) -> Any:
        """The images as who keeps them sees them."""
        return self.person.get(f"/v1/{self.role}/products/{self.product.id}").get_json()["images"]

    def shown(self) -> Any:
        """The product as everybody sees it."""
        return self.person.client.get(f"/v1/products/{self.product.id}").get_json()

    def listed(self) -> str | None:
        """The image that lists show."""
        (item,) = self.person.client.get("/v1/products").get_json()["items"]
        image: str | None = item["image"]
        return image

    def fetch(self, url: str, **headers: str) -> TestResponse:
        """What is at an address of a picture."""
        return self.person.client.get(url.removeprefix("http://127.0.0.1:8000"), headers=headers)


def make_keeper(client: FlaskClient) -> Keeper:
    """An admin, and an active product in stock without images."""
    with transaction() as session:
        product = make_product(session, stock=5)
    return Keeper(make_buyer(client, "admin"), product)
