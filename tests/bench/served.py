"""The tests' settings, with the floor among the addresses."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.floor"
