"""The product's settings, with data and secrets of the tests' own: a running demo is not disturbed."""

import os
from pathlib import Path

os.environ.setdefault("LATCHKEY_VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "tests"))

from hospitality.settings import *  # noqa: F403
from hospitality.settings import DATABASES

# Two runs at once do not take the database from each other.
DATABASES["default"]["TEST"] = {"NAME": f"test_latchkey_{os.getpid()}"}
# What a test has committed need not outlast a power cut.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=off")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
