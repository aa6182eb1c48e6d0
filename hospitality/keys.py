"""Where the house's secrets come from: the environment, else a file made at the first start.

The file lies in the variable-data folder with mode 0600. Losing it loses every PIN and every provider
credential in the database, so it belongs in the backup, apart from the database's.
"""

import base64
import binascii
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAMES = ("LATCHKEY_SECRET_KEY", "LATCHKEY_VAULT_KEYS", "LATCHKEY_INDEX_KEY")


@dataclass(frozen=True)
class Secrets:
    """`vault_keys` maps a key's version to its 32 bytes; the highest version seals, all of them unseal."""

    secret_key: str = field(repr=False)
    vault_keys: dict[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)


def load(path: Path) -> Secrets:
    """The secrets from the environment; what is not set there comes from the file at `path`, which is
    made if need be. Raises ImproperlyConfigured with the remedy."""
    values = {name: os.environ.get(name, "") for name in NAMES}
    if not all(values.values()):
        kept = _read_or_make(path)
        values = {name: value or kept[name] for name, value in values.items()}
    secret_key, ring, index_key = (values[name] for name in NAMES)
    return Secrets(secret_key, _ring(ring), _key("LATCHKEY_INDEX_KEY", index_key))


def _read_or_make(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    try:
        kept = json.loads(path.read_text())
        return {name: kept[name] for name in NAMES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(
            f"The secrets in {path} cannot be read ({type(error).__name__}). "
            f"Put the file back from your backup, or set {', '.join(NAMES)}."
        ) from error


def _make(path: Path) -> None:
    """Write a new file whole or not at all: a second process that starts at once finds the first's."""
    fresh = {
        "LATCHKEY_SECRET_KEY": secrets.token_urlsafe(48),
        "LATCHKEY_VAULT_KEYS": f"1:{_new_key()}",
        "LATCHKEY_INDEX_KEY": _new_key(),
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(fresh, file, indent=1)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(
            f"{name} must be 32 bytes in base64; make one with: "
            'python -c "import base64,secrets;print(base64.b64encode(secrets.token_bytes(32)).decode())"'
        )
    return key


def _ring(text: str) -> dict[int, bytes]:
    ring = {}
    for entry in text.split(","):
        version, colon, key = entry.strip().partition(":")
        if not colon or not version.isdigit() or not 0 < int(version) < 256 or int(version) in ring:
            raise ImproperlyConfigured(
                "LATCHKEY_VAULT_KEYS must be VERSION:KEY pairs with commas between them, "
                "each version a different number from 1 to 255, for example 1:BASE64,2:BASE64."
            )
        ring[int(version)] = _key("LATCHKEY_VAULT_KEYS", key)
    return ring
