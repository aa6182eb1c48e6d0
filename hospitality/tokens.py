"""Texts by which a program shows who it is. Each is shown once, when it is made; only its hash is kept."""

import hashlib
import secrets


def draw(prefix: str) -> str:
    """`prefix` and 256 random bits, 43 characters long."""
    return prefix + secrets.token_urlsafe(32)


def hashed(text: str) -> str:
    """Plain SHA-256: 256 random bits cannot be guessed, however fast one hashes."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
