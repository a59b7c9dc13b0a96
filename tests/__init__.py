"""The tests, and what they share: a helper's failed assert tells its values as a test's does."""

import pkgutil

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{each.name}" for each in pkgutil.iter_modules(__path__)))
