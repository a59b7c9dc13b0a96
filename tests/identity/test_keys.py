"""One signing key replaces another, and nobody has to log in anew."""

from typing import Any

import jwt
from flask import Flask
from flask_jwt_extended import create_access_token, decode_token

from app.identity.auth import register_identity
from config import load
from tests.platform.test_config import DEVELOPMENT, PRODUCTION, complaint

OLD, NEW = "the old key of thirty-two characters", "the new key of thirty-two characters"


def process(key: str, others: str = "") -> Flask:
    """A process that was started with these keys."""
    app = Flask("keys")
    register_identity(app, load(DEVELOPMENT | {"JWT_SECRET_KEY": key, "JWT_OTHER_KEYS": others}))
    return app


def token_of(app: Flask) -> str:
    with app.app_context():
        made: str = create_access_token("somebody")
        return made


def believes(app: Flask, token: str) -> bool:
    with app.app_context():
        try:
            claims: dict[str, Any] = decode_token(token)
        except jwt.PyJWTError:
            return False
    return bool(claims["sub"] == "somebody")


def test_at_each_step_of_a_rotation_all_processes_believe_each_other() -> None:
    before, announced, signing = process(OLD), process(OLD, NEW), process(NEW, OLD)

    for one, other in [(before, announced), (announced, signing)]:
        assert believes(one, token_of(other))
        assert believes(other, token_of(one))


def test_a_key_that_was_taken_out_is_believed_no_more() -> None:
    after = process(NEW)

    assert not believes(after, token_of(process(OLD)))
    assert believes(after, token_of(process(NEW, OLD)))


def test_a_token_names_its_key_and_does_not_give_it_away() -> None:
    names = [jwt.get_unverified_header(token_of(process(key)))["kid"] for key in (OLD, NEW)]

    assert len(set(names)) == 2
    assert not any(name in OLD + NEW for name in names)


def test_other_keys_are_as_strong_as_the_one_that_signs() -> None:
    strong = PRODUCTION["JWT_SECRET_KEY"]

    assert load(PRODUCTION | {"JWT_OTHER_KEYS": f" {strong}x, {strong}y "}).jwt_keys == (
        strong,
        f"{strong}x",
        f"{strong}y",
    )
    weak = "JWT_OTHER_KEYS is too weak: use at least 32 random characters."
    assert complaint(PRODUCTION | {"JWT_OTHER_KEYS": f"{strong}x,short"}) == weak
