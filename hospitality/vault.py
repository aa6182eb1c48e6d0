"""PINs and credentials at rest: AES-GCM bound to their row, and a keyed index of a PIN.

A sealed value is one byte of key version, twelve of nonce, then the ciphertext with its tag. The row it
belongs to is authenticated with it, so a value copied into another row does not open. The index is an HMAC: it
lets the database say "these digits are taken" without knowing them.
"""

import hashlib
import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class VaultError(Exception):
    """A sealed value does not open: wrong key, wrong row, or damaged. Never holds the value."""


def seal(text: str, *, row: str) -> bytes:
    """Encrypt `text` with the newest key, bound to `row` (any stable name of where it will lie)."""
    version = max(settings.VAULT_KEYS)
    nonce = os.urandom(NONCE)
    sealed = AESGCM(settings.VAULT_KEYS[version]).encrypt(nonce, text.encode(), row.encode())
    return bytes([version]) + nonce + sealed


def unseal(blob: bytes, *, row: str) -> str:
    """The text that `seal` was given for this row. Raises VaultError."""
    blob = bytes(blob)
    key = settings.VAULT_KEYS.get(blob[0]) if blob else None
    if key is None:
        raise VaultError(f"no key of version {blob[0] if blob else '?'} in LATCHKEY_VAULT_KEYS for {row}")
    try:
        return AESGCM(key).decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], row.encode()).decode()
    except (InvalidTag, ValueError):
        raise VaultError(f"the value of {row} does not open with key {blob[0]}") from None


def index(text: str) -> int:
    """A keyed, one-way, non-negative 63-bit number for `text`: equal texts, equal numbers."""
    # Not `hmac.digest`, which lets go of the interpreter for a microsecond's work and waits to have it back.
    digest = hmac.new(settings.VAULT_INDEX_KEY, text.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Sealed:
    """A model attribute kept encrypted in the binary column `column`: `pin = Sealed("pin_sealed")`.

    Reads and writes plain text (None for no value). The model needs a `public_id`, which binds the value to its row.
    """

    def __init__(self, column: str):
        self.column = column

    def _row(self, instance) -> str:
        return f"{instance._meta.db_table}.{self.column}:{instance.public_id}"

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        blob = getattr(instance, self.column)
        return None if blob is None else unseal(blob, row=self._row(instance))

    def __set__(self, instance, text: str | None) -> None:
        setattr(instance, self.column, None if text is None else seal(text, row=self._row(instance)))


class SealedJSON(Sealed):
    """The same for a JSON value."""

    def __get__(self, instance, owner=None):
        text = super().__get__(instance, owner)
        return json.loads(text) if isinstance(text, str) else text

    def __set__(self, instance, value) -> None:
        super().__set__(instance, json.dumps(value))
